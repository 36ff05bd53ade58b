package io.millio.net;

/** Why a connection has ended: the second argument of {@link ConnectionHandler#onClose}. */
public enum CloseCause {
    /** This side called {@link Connection#close}, and what was queued has been written. */
    LOCAL,
    /** This side called {@link Connection#abort}. */
    ABORTED,
    /** The peer had closed its side, and so has this one. */
    PEER,
    /** Reading or writing failed; mostly, the peer has reset the connection. The exception says how. */
    FAILED,
    /** Nothing was read, or written, for as long as an idle timeout. */
    IDLE_TIMEOUT,
    /** The peer took nothing of what was queued for as long as the write-stall timeout. */
    WRITE_STALL,
    /** After {@link Connection#close} the peer did not take what was queued before the close timeout. */
    CLOSE_TIMEOUT,
    /** The handler left more unread than {@link ConnectionOptions#maxUnreadBytes} allows. */
    UNREAD_LIMIT,
    /** A frame was larger than its decoder allows; the exception is a {@link FrameException}. */
    FRAME_TOO_LARGE,
    /** The bytes were no frame; the exception is a {@link FrameException}. */
    BAD_FRAME,
    /** A callback of the handler threw; the exception is what it threw. */
    HANDLER_FAILED,
    /** The deadline of {@link TcpServer#close(java.time.Duration)} came first. */
    SERVER_CLOSED,
    /** The loop was closed. */
    LOOP_CLOSED
}
