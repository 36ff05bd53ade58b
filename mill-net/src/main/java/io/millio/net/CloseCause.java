package io.millio.net;

import io.millio.net.wire.WireException;
import java.io.IOException;

/**
 * Why a connection has ended: the second argument of {@link ConnectionHandler#onClose}. For a connection that never
 * opened, {@link RefusalListener} is called instead, with reasons of its own.
 */
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
    /**
     * After {@link Connection#close} the peer took too little of what was queued in the close timeout, or not all of it
     * in the maximum time: see {@link ConnectionOptions#withCloseTimeout}.
     */
    CLOSE_TIMEOUT,
    /**
     * The handler left more unread than {@link ConnectionOptions#maxUnreadBytes} allows; the exception says how much.
     */
    UNREAD_LIMIT,
    /**
     * Memory was scarce, and the connection had too much of the {@linkplain io.millio.net.memory.MemoryBudget budget};
     * the exception says how much.
     */
    MEMORY_LIMIT,
    /** A frame was larger than its decoder allows; the exception is a {@link io.millio.net.frame.FrameException}. */
    FRAME_TOO_LARGE,
    /** The bytes were no frame; the exception is a {@link io.millio.net.frame.FrameException}. */
    BAD_FRAME,
    /**
     * TLS failed: a certificate that is not trusted, nothing in common, bytes that are not TLS. The exception says
     * what.
     */
    TLS_FAILED,
    /** The peer ended the connection without the end that TLS has, or in the handshake: what came may not be all. */
    TRUNCATED,
    /** The peer began a second handshake, which TLS 1.2 has and this library does not. */
    RENEGOTIATION,
    /** The handshake that {@link Connection#startTls} began took longer than its timeout. */
    HANDSHAKE_TIMEOUT,
    /** A callback of the handler threw; the exception is what it threw. */
    HANDLER_FAILED,
    /** The deadline of {@link TcpServer#close(java.time.Duration)} came first. */
    SERVER_CLOSED,
    /** The loop was closed. */
    LOOP_CLOSED;

    /** Returns the cause that a failure of reading, writing or of a handshake is. */
    static CloseCause of(IOException failure) {
        if (failure instanceof ConnectionException known) {
            return known.closeCause();
        }
        if (!(failure instanceof WireException wire)) {
            return FAILED;
        }
        return switch (wire.reason()) {
            case PEER_CLOSED -> PEER;
            case TLS_FAILED -> TLS_FAILED;
            case TRUNCATED -> TRUNCATED;
            case RENEGOTIATION -> RENEGOTIATION;
        };
    }
}
