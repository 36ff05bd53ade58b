package io.millio.net;

import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.internal.Interleave;
import io.millio.internal.RunSubject;
import io.millio.limit.RateLimiter;
import io.millio.net.account.LoopAccount;
import io.millio.net.account.MemoryHolder;
import io.millio.net.proxy.ProxyHeader;
import io.millio.net.tls.TlsInfo;
import io.millio.net.wire.Chunk;
import io.millio.net.wire.Wire;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a connection, what can be asked of them, and the words that its threads share. An idle connection is
 * this object alone: its parts are created when they are needed.
 *
 * <p>Other threads set bits of one word and queue the connection once; the loop carries out what they ask for, see
 * {@link StreamConnection}.
 */
abstract class ConnectionState extends MemoryHolder implements Connection, RunSubject {
    // Requests: bits of the volatile word, set and cleared by any thread with one atomic operation each.
    static final int PAUSED = 1;
    static final int RESUMED = 1 << 1; // what is unread must be delivered again
    static final int SHUT = 1 << 2;
    static final int CLOSE = 1 << 3;
    static final int ABORT = 1 << 4;
    static final int QUEUED = 1 << 5; // the connection is in the loop's queue
    static final int ENDED = 1 << 6;
    static final int DRAIN = 1 << 7;
    static final int OVER_BUDGET = 1 << 8; // with ABORT: for want of memory
    static final int SHED = 1 << 9; // with both: a round of shedding waits for its end

    // State: bits of a plain word, loop thread only.
    static final int OPENED = 1;
    static final int INPUT_ENDED = 1 << 1;
    static final int OUTPUT_SHUT = 1 << 2;
    static final int BLOCKED = 1 << 3; // the system took less than it was given
    static final int DUE = 1 << 4; // is in the list of its NetLoop
    static final int ENDING = 1 << 5;
    static final int LINGERING = 1 << 6;
    static final int DRAIN_REPORTED = 1 << 7;
    static final int ADDRESS_COUNTED = 1 << 8; // the quota counts its remote address
    static final int CURRENT = 1 << 9; // its callbacks may be running, and a settling follows them
    static final int READ_HELD = 1 << 10; // by a limit of bytes per second
    static final int WRITE_HELD = 1 << 11;
    static final int LEFT = 1 << 12; // its group and quota count it no more
    static final int NEW_HANDLER = 1 << 13; // the handler has not been opened yet, and no data is delivered
    static final int STARTING_TLS = 1 << 14; // the queue has a TlsBarrier
    static final int UPGRADING = 1 << 15; // the handshake behind it is in progress, and OPENED is not set
    static final int MEMORY_HELD = 1 << 16; // it is not read, as memory is scarce
    static final int MEMORY_LISTED = 1 << 17; // is in the list of its MemoryGuard

    private static final VarHandle REQUESTS;
    private static final VarHandle BYTES_READ;
    private static final VarHandle BYTES_WRITTEN;
    private static final VarHandle ACTIVE_NANOS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            REQUESTS = lookup.findVarHandle(ConnectionState.class, "requests", int.class);
            BYTES_READ = lookup.findVarHandle(ConnectionState.class, "bytesRead", long.class);
            BYTES_WRITTEN = lookup.findVarHandle(ConnectionState.class, "bytesWritten", long.class);
            ACTIVE_NANOS = lookup.findVarHandle(ConnectionState.class, "activeNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ConnectionGroup group;

    // Loop thread only, all without a word of their own; what is written before the connection is given to its loop is
    // ordered by the loop's queue. Fields that other threads read are written before the program has the connection.
    int state;
    Wire wire = Wire.PLAIN;
    ConnectionHandler handler;

    @Nullable
    TcpStream stream;

    @Nullable
    Registration registration;

    /** The header that a server has received, or a client sends. */
    @Nullable
    ProxyHeader proxyHeader;

    @Nullable
    Handshaker handshaker;

    /** While it is being connected. */
    @Nullable
    PendingConnect connecting;

    @Nullable
    Timeouts timeouts;

    @Nullable
    Throttle reading;

    @Nullable
    Throttle writing;

    /** What the handler left, delivered again with the next bytes. */
    @Nullable
    Chunk unread;

    // Its neighbours among the connections of the same group.
    @Nullable
    StreamConnection previous;

    @Nullable
    StreamConnection next;

    private @Nullable Object attachment;

    // Written before it is registered, through which other threads find it.
    private long beganNanos;

    // Opaque: written by the loop, read by any thread, each for itself.
    @SuppressWarnings("unused") // by its handle
    private long activeNanos;

    private long bytesRead;
    private long bytesWritten;

    // Set once, when the end begins; other threads read it after they have seen ENDED.
    @Nullable
    CloseCause cause;

    @Nullable
    Throwable failure;

    // Set once, under the lock of the group, when something has to wait for the first time; volatile for readers.
    volatile @Nullable WriteQueue queue;

    // Atomic or and and, by any thread.
    @SuppressWarnings("unused")
    private volatile int requests;

    ConnectionState(ConnectionGroup group, ConnectionHandler handler) {
        this.group = group;
        this.handler = handler;
    }

    // ---- bits and parts

    final boolean requested(int any) {
        return (requests & any) != 0;
    }

    /** Sets requests; returns those that there were. Any thread. */
    final int request(int bits) {
        Interleave.point();
        return (int) REQUESTS.getAndBitwiseOr(this, bits);
    }

    final int clear(int bits) {
        Interleave.point();
        return (int) REQUESTS.getAndBitwiseAnd(this, ~bits);
    }

    final boolean is(int any) {
        return (state & any) != 0;
    }

    final NetLoop net() {
        return group.net;
    }

    final ConnectionOptions options() {
        return group.options;
    }

    final TcpStream stream() {
        return Objects.requireNonNull(stream);
    }

    /** Any thread. */
    final WriteQueue queue() {
        WriteQueue known = queue;
        if (known == null) {
            synchronized (group) {
                known = queue;
                if (known == null) {
                    known = new WriteQueue(this);
                    queue = known;
                }
            }
        }
        return known;
    }

    /** Whether data may be read and delivered. */
    final boolean wantsData() {
        return (requests & (PAUSED | CLOSE | ABORT | ENDED)) == 0
                && (state & (INPUT_ENDED | ENDING | READ_HELD | MEMORY_HELD | NEW_HANDLER)) == 0;
    }

    // ---- memory, any thread

    @Override
    public final LoopAccount account() {
        return group.memory;
    }

    /** Requests the end, which the settling that follows each growth carries out; writes are refused at once. */
    @Override
    protected final void heldWhileFull(long bytes) {
        if (!group.memory.isSmall(this, bytes) && !requested(ABORT | ENDED)) {
            int before = (int) REQUESTS.getAndBitwiseOr(this, ABORT | OVER_BUDGET); // a lock may be held: no point
            if ((before & ABORT) == 0) {
                group.memory.total.overLimit.getAndIncrement();
            }
        }
    }

    @Override
    protected final void chargeChanged() {
        if (!group.memory.total.isCalm()) {
            settleSoon(); // it may go on, or must end
            group.memory.act();
        }
    }

    /** The first cause is the one that is reported. */
    final void remember(CloseCause why, @Nullable Throwable exception) {
        if (cause == null) {
            cause = why;
            failure = exception;
        }
    }

    // ---- what has passed, loop thread only

    /** Its socket is about to be registered. */
    final void began() {
        beganNanos = loop().nanoTime();
        activeNanos = beganNanos;
    }

    final void countRead(long bytes) {
        BYTES_READ.setOpaque(this, bytesRead + bytes);
        active();
    }

    final void countWritten(long bytes) {
        BYTES_WRITTEN.setOpaque(this, bytesWritten + bytes);
    }

    /** Bytes have passed, at the time of the turn: the clock is not read for that. */
    final void active() {
        ACTIVE_NANOS.setOpaque(this, loop().nanoTime());
    }

    // ---- the public side, any thread

    /** Ensures that a settling follows, in which the loop carries out what was requested. Any thread. */
    abstract boolean settleSoon();

    @Override
    public final void pauseReading() {
        requestOnce(PAUSED);
    }

    @Override
    public final void resumeReading() {
        request(RESUMED);
        if ((clear(PAUSED) & PAUSED) != 0) {
            settleSoon();
        }
    }

    @Override
    public final void shutdownOutput() {
        if (requested(CLOSE | SHUT) || (request(SHUT) & SHUT) != 0) {
            throw new IllegalStateException("output is shut down already: " + this);
        }
        settleSoon();
    }

    @Override
    public final void close() {
        requestOnce(CLOSE);
    }

    @Override
    public final void abort() {
        requestOnce(ABORT);
    }

    private void requestOnce(int bit) {
        if ((request(bit) & bit) == 0) {
            settleSoon();
        }
    }

    @Override
    public final long queuedBytes() {
        WriteQueue known = queue;
        return known == null ? 0 : known.queuedBytes();
    }

    @Override
    public final Stats stats() {
        long now = loop().nanoTime();
        return new Stats(
                (long) BYTES_READ.getOpaque(this),
                (long) BYTES_WRITTEN.getOpaque(this),
                queuedBytes(),
                unreadBytes(),
                Duration.ofNanos(Math.max(0, now - beganNanos)),
                Duration.ofNanos(Math.max(0, now - (long) ACTIVE_NANOS.getOpaque(this))));
    }

    private int unreadBytes() {
        Chunk held = unread;
        return held == null ? 0 : Math.max(0, held.size()); // another thread may see it while it changes
    }

    @Override
    public final Object runSubject() {
        return this;
    }

    /** Whether the handler has passed the connection on: see {@link io.millio.net.wire.FrameScan.Source}. */
    public final boolean isPassedOn() {
        return is(NEW_HANDLER);
    }

    @Override
    public final boolean isReadingPaused() {
        return requested(PAUSED);
    }

    @Override
    public final boolean isOpen() {
        return !requested(CLOSE | ABORT | ENDED);
    }

    @Override
    public final boolean isInputClosed() {
        return is(INPUT_ENDED);
    }

    @Override
    public final boolean isOutputShutdown() {
        return requested(SHUT);
    }

    @Override
    public final boolean hasUnread() {
        return unread != null;
    }

    @Override
    public final @Nullable CloseCause closeCause() {
        return requested(ENDED) ? cause : null;
    }

    @Override
    public final EventLoop loop() {
        return net().loop;
    }

    @Override
    public final SocketAddress localAddress() {
        return stream().localAddress();
    }

    @Override
    public final SocketAddress remoteAddress() {
        ProxyHeader received = group.setup.proxies() == null ? null : proxyHeader;
        return received != null && received.source() instanceof InetSocketAddress client
                ? client
                : stream().remoteAddress();
    }

    @Override
    public final @Nullable ProxyHeader proxyHeader() {
        return proxyHeader;
    }

    @Override
    public final @Nullable TlsInfo tls() {
        return wire.tls();
    }

    @Override
    public final @Nullable RateLimiter readLimiter() {
        return Throttle.limiterOf(reading);
    }

    @Override
    public final @Nullable RateLimiter writeLimiter() {
        return Throttle.limiterOf(writing);
    }

    @Override
    public final LimitStats readLimitStats() {
        return Throttle.statsOf(reading);
    }

    @Override
    public final LimitStats writeLimitStats() {
        return Throttle.statsOf(writing);
    }

    @Override
    public final @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public final void attach(@Nullable Object attached) {
        attachment = attached;
    }

    @Override
    public final <T> Connection setOption(SocketOption<T> option, T value) throws IOException {
        stream().setOption(option, value);
        return this;
    }

    @Override
    public final String toString() {
        return stream == null ? "connection that is being opened" : "connection on " + stream;
    }
}
