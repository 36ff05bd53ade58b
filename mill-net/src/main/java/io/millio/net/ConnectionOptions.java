package io.millio.net;

import io.millio.internal.Arguments;
import io.millio.net.Throttle.ByteRate;
import io.millio.net.wire.Chunk;
import io.millio.pool.BufferPool;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The limits and timeouts of connections: immutable; each {@code with} method gives a changed copy, and checks its
 * argument. A zero timeout means none.
 */
public final class ConnectionOptions {
    /** The defaults that the methods name. */
    public static final ConnectionOptions DEFAULT = new ConnectionOptions();

    // Set by this class before an instance is given out, never after.
    private int maxUnreadBytes = 1 << 20;
    private long highWatermark = 256 << 10;
    private long lowWatermark = 64 << 10;
    private long maxQueuedBytes = 16 << 20;
    private int maxQueuedFiles = 1024;
    long readIdleNanos;
    long writeIdleNanos;
    long idleNanos;
    long writeStallNanos = 60_000_000_000L;
    long closeNanos = 10_000_000_000L;
    long minCloseRate = 1024;
    long maxCloseNanos = 300_000_000_000L;
    private BufferPool buffers = Chunk.SHARED;

    @Nullable
    ByteRate readRate;

    @Nullable
    ByteRate writeRate;

    private ConnectionOptions() {}

    private ConnectionOptions(ConnectionOptions from) {
        maxUnreadBytes = from.maxUnreadBytes;
        highWatermark = from.highWatermark;
        lowWatermark = from.lowWatermark;
        maxQueuedBytes = from.maxQueuedBytes;
        maxQueuedFiles = from.maxQueuedFiles;
        readIdleNanos = from.readIdleNanos;
        writeIdleNanos = from.writeIdleNanos;
        idleNanos = from.idleNanos;
        writeStallNanos = from.writeStallNanos;
        closeNanos = from.closeNanos;
        minCloseRate = from.minCloseRate;
        maxCloseNanos = from.maxCloseNanos;
        buffers = from.buffers;
        readRate = from.readRate;
        writeRate = from.writeRate;
    }

    private ConnectionOptions with(Consumer<ConnectionOptions> change) {
        ConnectionOptions changed = new ConnectionOptions(this);
        change.accept(changed);
        return changed;
    }

    /**
     * How many bytes a handler may leave unread, at least 1: so a frame that is to come whole may be as long. Default 1
     * MiB.
     */
    public ConnectionOptions withMaxUnreadBytes(int bytes) {
        return with(changed -> changed.maxUnreadBytes = Arguments.between(1, bytes, 1 << 30, "maxUnreadBytes"));
    }

    /**
     * With more than {@code high} bytes queued, writes return {@link WriteResult#PAUSE}; with {@code low} or less,
     * {@link ConnectionHandler#onWritable} is called. Default 64 and 256 KiB.
     */
    public ConnectionOptions withWatermarks(long low, long high) {
        if (low < 0 || low > high) {
            throw new IllegalArgumentException("low: " + low + ", must be from 0 to high: " + high);
        }
        ConnectionOptions changed = new ConnectionOptions(this);
        changed.lowWatermark = low;
        changed.highWatermark = high;
        return changed;
    }

    /** A write beyond so many queued bytes is refused. Default 16 MiB. */
    public ConnectionOptions withMaxQueuedBytes(long bytes) {
        return with(changed -> changed.maxQueuedBytes = Arguments.atLeast(1, bytes, "maxQueuedBytes"));
    }

    /** A {@link Connection#transferFrom} beyond so many queued ones is refused. Default 1,024. */
    public ConnectionOptions withMaxQueuedFiles(int files) {
        return with(changed -> changed.maxQueuedFiles = Arguments.atLeast(1, files, "maxQueuedFiles"));
    }

    /** Closes a connection from which nothing was read for so long. Default none. */
    public ConnectionOptions withReadIdleTimeout(Duration timeout) {
        return with(changed -> changed.readIdleNanos = Arguments.nanos(timeout, "readIdleTimeout"));
    }

    /** Calls {@link ConnectionHandler#onIdle} each time that nothing was written for so long. Default none. */
    public ConnectionOptions withWriteIdle(Duration time) {
        return with(changed -> changed.writeIdleNanos = Arguments.nanos(time, "writeIdle"));
    }

    /** Closes a connection on which nothing was read and nothing written for so long. Default none. */
    public ConnectionOptions withIdleTimeout(Duration timeout) {
        return with(changed -> changed.idleNanos = Arguments.nanos(timeout, "idleTimeout"));
    }

    /** Closes a connection whose peer takes nothing of what is queued for so long. Default one minute. */
    public ConnectionOptions withWriteStallTimeout(Duration timeout) {
        return with(changed -> changed.writeStallNanos = Arguments.nanos(timeout, "writeStallTimeout"));
    }

    /**
     * How long {@link Connection#close} waits for progress: a peer that takes less of what is queued than
     * {@link #withMinCloseRate} in so long is given up ({@link CloseCause#CLOSE_TIMEOUT}). When all is written it waits
     * as long for the peer to close its side. Default 10 seconds.
     */
    public ConnectionOptions withCloseTimeout(Duration timeout) {
        return with(changed -> changed.closeNanos = Arguments.nanos(timeout, "closeTimeout"));
    }

    /**
     * How many bytes a second, averaged over {@link #withCloseTimeout}, the peer must take after
     * {@link Connection#close}; 0: any progress will do. Default 1,024.
     */
    public ConnectionOptions withMinCloseRate(long bytesPerSecond) {
        return with(changed -> changed.minCloseRate = Arguments.atLeast(0, bytesPerSecond, "minCloseRate"));
    }

    /**
     * How long {@link Connection#close} takes at most, whatever the progress; the time during which a file is sent does
     * not count. Default 5 minutes.
     */
    public ConnectionOptions withMaxCloseTime(Duration time) {
        return with(changed -> changed.maxCloseNanos = Arguments.nanos(time, "maxCloseTime"));
    }

    /**
     * Where buffers for what is unread or unwritten come from; when it is exhausted they come from the heap, within the
     * limits of each connection. Default one that all connections of the process share, of 64 MiB or a quarter of the
     * largest heap, whichever is less.
     */
    public ConnectionOptions withBuffers(BufferPool buffers) {
        return with(changed -> changed.buffers = Objects.requireNonNull(buffers, "buffers"));
    }

    /**
     * How many bytes a second each connection reads at most, on average: it stops reading until it may go on, and the
     * peer waits. What is delivered to handlers counts; with TLS that is a little less than what is on the wire, and of
     * a handshake nothing counts. {@link Connection#readLimiter} changes the rate of one. Default no limit.
     *
     * @param bytesPerSecond from 1 up to 10^10
     * @param burstBytes how many at once after a rest, at least 1; with less than two hundredths of a second are worth
     *     the rate may not be reached, and less than one is taken as one
     */
    public ConnectionOptions withReadRate(long bytesPerSecond, long burstBytes) {
        return with(changed -> changed.readRate = ByteRate.of(bytesPerSecond, burstBytes, "readRate"));
    }

    /**
     * How many bytes a second each connection writes at most, on average: what is written faster waits in its queue,
     * within the limits of that. Otherwise as {@link #withReadRate}.
     */
    public ConnectionOptions withWriteRate(long bytesPerSecond, long burstBytes) {
        return with(changed -> changed.writeRate = ByteRate.of(bytesPerSecond, burstBytes, "writeRate"));
    }

    /** See {@link #withMaxUnreadBytes}. */
    public int maxUnreadBytes() {
        return maxUnreadBytes;
    }

    /** See {@link #withMaxQueuedBytes}. */
    public long maxQueuedBytes() {
        return maxQueuedBytes;
    }

    /** See {@link #withMaxQueuedFiles}. */
    public int maxQueuedFiles() {
        return maxQueuedFiles;
    }

    /** See {@link #withWatermarks}. */
    public long highWatermark() {
        return highWatermark;
    }

    /** See {@link #withWatermarks}. */
    public long lowWatermark() {
        return lowWatermark;
    }

    /** See {@link #withCloseTimeout}. */
    public Duration closeTimeout() {
        return Duration.ofNanos(closeNanos);
    }

    boolean hasIdleTimeout() {
        return (readIdleNanos | writeIdleNanos | idleNanos) != 0;
    }

    BufferPool buffers() {
        return buffers;
    }
}
