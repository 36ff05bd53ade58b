package io.millio.net;

import io.millio.EventLoop;
import io.millio.limit.RateLimiter;
import io.millio.net.proxy.ProxyHeader;
import io.millio.net.tls.TlsInfo;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A connection over TCP or a Unix-domain socket, from {@link TcpServer} or {@link TcpClient}.
 *
 * <p>Every method is for any thread, unless it says otherwise; none waits, and none calls a handler back before it
 * returns. In the loop, what the writes of one callback queued leaves in one system call when the callback returns.
 *
 * <p>The end: {@link #close} after what is queued, {@link #abort} at once. A failed callback, a frame that is refused,
 * {@link ConnectionOptions#maxUnreadBytes} and idle timeouts end a connection as {@code close} does. Either way
 * {@link ConnectionHandler#onClose} follows, once.
 */
public interface Connection extends AutoCloseable {
    /**
     * Writes bytes: they have been taken or copied when this returns. Those of one thread arrive in the order of its
     * calls. The copy of what the system does not take at once is of the connection's buffers.
     *
     * @param bytes from position to limit; consumed, but for a connection that is closed or closing: that takes nothing
     * @return whether to go on, to wait for {@link ConnectionHandler#onWritable}, or to stop
     * @throws WriteRefusedException if more than {@link ConnectionOptions#maxQueuedBytes} would be queued; nothing was
     *     taken
     * @throws IllegalStateException after {@link #shutdownOutput}
     */
    WriteResult write(ByteBuffer bytes);

    /**
     * Writes bytes without copying them: the buffer, position and limit included, is the connection's until the
     * completion. Otherwise as {@link #write(ByteBuffer)}.
     *
     * @param completion called in the loop, exactly once, also when the connection takes nothing any more; never before
     *     this returns, unless the loop is closed
     */
    WriteResult write(ByteBuffer bytes, WriteCompletion completion);

    /**
     * Writes a part of a file, in its place among the writes: slice by slice, the next fetched on the loop's compute
     * pool while the peer takes the one before. So a disk holds up this connection only.
     *
     * <p>Where the transport can have the system send a file by itself (epoll; not with TLS), its bytes do not pass
     * through this process: nothing of it is queued here or counts for watermarks. Then a change of the file while the
     * peer has not got all of it yet, also after the future has completed, may show in what the peer gets. Elsewhere
     * slices are copied, and those that are in memory, at most two of 256 KiB, count as queued.
     *
     * @param position where in the file it begins
     * @param count how many bytes; fewer if the file ends before
     * @return how many bytes were written, completed in the loop; an {@link IOException} if the file can't be read,
     *     which also closes the connection when a part has been sent; cancelled when the connection ended first
     * @throws WriteRefusedException if {@link ConnectionOptions#maxQueuedFiles} are queued
     * @throws IllegalStateException after {@link #shutdownOutput}
     */
    default CompletableFuture<Long> transferFrom(Path file, long position, long count) {
        return transferFrom(file, position, count, opened -> {});
    }

    /**
     * Writes a part of a file that the caller has looked at before, and that may have been replaced since. Otherwise as
     * {@link #transferFrom(Path, long, long)}.
     *
     * @param check called each time that the file has been opened, before anything of it is read; what it throws fails
     *     the future. The file stays the one that was opened, so a path that leads where it led before the opening has
     *     led there at the opening, unless it was changed and changed back
     */
    CompletableFuture<Long> transferFrom(Path file, long position, long count, FileCheck check);

    /** How many bytes wait in this process to be written: not those of a file that the system sends by itself. */
    long queuedBytes();

    /**
     * Charges memory that the handler keeps for this connection to the {@linkplain io.millio.net.memory.MemoryBudget
     * budget}, as the buffers of the connection are. What has not been {@linkplain #release released} when the
     * connection has closed is released then; after that this does nothing. O(1).
     *
     * @param bytes 0 to 2^50
     */
    void charge(long bytes);

    /**
     * Releases a part of what was charged. O(1).
     *
     * @throws IllegalArgumentException if it is negative, or more than is charged
     */
    void release(long bytes);

    /** How much of the memory budget the connection has, with what TLS takes and a flat part for itself. O(1). */
    long heldBytes();

    /** Returns what has passed and what waits. Current in the loop; other threads get recent values. */
    Stats stats();

    /**
     * What has passed over a connection and what waits in it: bytes of the program, in plain text under TLS.
     *
     * @param bytesRead how many bytes were read from the peer, those that were discarded after a close included
     * @param bytesWritten how many bytes the system has taken, those of files included; under TLS, were encrypted
     * @param queuedBytes as {@link Connection#queuedBytes}
     * @param unreadBytes how many bytes have been received that the handler has not consumed
     * @param age since the socket was accepted, or opened by a client
     * @param idle since bytes were read or written the last time, at first the age
     */
    record Stats(long bytesRead, long bytesWritten, long queuedBytes, long unreadBytes, Duration age, Duration idle) {}

    /**
     * Pauses reading: no data is delivered until {@link #resumeReading}. Called in another thread than the loop's, the
     * callback in progress may finish, or one that is about to begin.
     */
    void pauseReading();

    /** Delivers data again, what the handler left unread first. */
    void resumeReading();

    /** Whether reading is paused. */
    boolean isReadingPaused();

    /**
     * Shuts the output down after what is queued, which the peer sees as the end of its input; reading goes on.
     *
     * @throws IllegalStateException if it was called before, or {@link #close} was
     */
    void shutdownOutput();

    /**
     * Closes when what is queued has been written, at {@link ConnectionOptions#closeTimeout} at the latest. From now on
     * no data is delivered and nothing taken. A second call does nothing.
     */
    @Override
    void close();

    /**
     * Closes at once, with a reset where the protocol has one: queued writes are cancelled. A second call does nothing.
     */
    void abort();

    /** Whether neither {@link #close} nor {@link #abort} was called and it has not ended. */
    boolean isOpen();

    /** Whether the peer's output has ended. Current in the loop; other threads may see the change later. */
    boolean isInputClosed();

    /** Whether {@link #shutdownOutput} was called: nothing can be written any more. */
    boolean isOutputShutdown();

    /**
     * Whether bytes have been received that the handler has not consumed. Current in the loop; other threads may see
     * the change later.
     */
    boolean hasUnread();

    /** Why the connection has ended, as {@link ConnectionHandler#onClose} is called with; null until it has ended. */
    @Nullable
    CloseCause closeCause();

    /**
     * Passes the connection on to another handler, when the protocol changes for instance. Loop only. The callback in
     * progress is the last of the present handler. The first of the next is {@code onOpen}, when that callback has
     * returned; the bytes that it left unread follow, and {@code onInputClosed} and {@code onDrain} if the present
     * handler has had them. If the connection ends before that, {@code onClose} is the only callback of the next.
     *
     * @throws IllegalStateException if called by another thread than the loop's, or if the present handler is not
     *     {@linkplain ConnectionHandler#isReplaceable replaceable}
     */
    void handler(ConnectionHandler next);

    /**
     * Begins TLS, when the two sides have agreed on it in plain text (STARTTLS), and passes the connection on to
     * another handler as {@link #handler} does. What was written before leaves in plain text; what is written from now
     * on waits, and is encrypted. When the handshake is done {@code onOpen} of the next handler follows, and
     * {@link #tls} says what was agreed on; if it fails, {@code onClose} with the cause. Until then {@link #close} ends
     * the connection as soon as the plain text has been written. Loop only.
     *
     * @throws IllegalStateException if called by another thread than the loop's, if TLS was begun before, after
     *     {@link #shutdownOutput}, or for a connection of a pool
     */
    void startTls(StartTls settings, ConnectionHandler next);

    /** The loop whose turn the callbacks run in. */
    EventLoop loop();

    /** The address of this side. */
    SocketAddress localAddress();

    /**
     * The address of the peer; behind a proxy that says so ({@link TcpServerBuilder#proxyProtocol}), that of the
     * client.
     */
    SocketAddress remoteAddress();

    /**
     * The PROXY header in front of the connection's bytes, with source, destination and TLVs: that which a server has
     * received ({@link TcpServerBuilder#proxyProtocol}), or a client has sent. Null without one.
     */
    @Nullable
    ProxyHeader proxyHeader();

    /** The result of the TLS handshake; null without TLS. */
    @Nullable
    TlsInfo tls();

    /**
     * The limit of {@link ConnectionOptions#withReadRate}, of this connection alone: its rate may be changed at any
     * time. Null without one.
     */
    @Nullable
    RateLimiter readLimiter();

    /** The limit of {@link ConnectionOptions#withWriteRate}; otherwise as {@link #readLimiter}. */
    @Nullable
    RateLimiter writeLimiter();

    /** What the limit of {@link ConnectionOptions#withReadRate} has let through and held back. */
    LimitStats readLimitStats();

    /** What the limit of {@link ConnectionOptions#withWriteRate} has let through and held back. */
    LimitStats writeLimitStats();

    /** What the program has attached; null at first. A plain field: callbacks see what callbacks wrote. */
    @Nullable
    Object attachment();

    /** Attaches something of the program's. Loop only. */
    void attach(@Nullable Object attachment);

    /**
     * Sets an option of the socket.
     *
     * @throws IOException if the socket is closed or refuses it
     */
    <T> Connection setOption(SocketOption<T> option, T value) throws IOException;
}
