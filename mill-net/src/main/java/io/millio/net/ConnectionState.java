package io.millio.net;

import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.internal.Exceptions;
import io.millio.limit.RateLimiter;
import io.millio.net.tls.TlsInfo;
import io.millio.net.wire.Wire;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What a connection consists of. An idle one is this object alone: whatever only some need is made when it is needed.
 * The classes below it are one subject each: {@link ConnectionOutput}, {@link ConnectionInput},
 * {@link ConnectionEnding}, {@link StreamConnection}.
 *
 * <p>Other threads leave their wishes in one word and queue the connection once; the loop carries the wishes out in
 * {@link StreamConnection#settle}, which also ends each of its callbacks. So there is one place where a connection
 * changes, and it is never inside a callback.
 */
abstract class ConnectionState implements Connection {
    // Wishes: bits of the volatile word, set by any thread, by atomic or.
    static final int PAUSED = 1;
    static final int RESUMED = 1 << 1; // what is unread must be told again
    static final int FULL = 1 << 2; // a write was told to stop
    static final int SHUT = 1 << 3;
    static final int CLOSE = 1 << 4;
    static final int ABORT = 1 << 5;
    static final int QUEUED = 1 << 6; // the connection is in the loop's queue
    static final int ENDED = 1 << 7;
    static final int DRAIN = 1 << 8;

    // State: bits of a plain word, the turn's.
    static final int OPENED = 1;
    static final int INPUT_ENDED = 1 << 1;
    static final int OUTPUT_SHUT = 1 << 2;
    static final int BLOCKED = 1 << 3; // the system took less than it was given
    static final int DUE = 1 << 4; // is in the list of its NetLoop
    static final int ENDING = 1 << 5;
    static final int LINGERING = 1 << 6;
    static final int DRAIN_TOLD = 1 << 7;
    static final int NAMED = 1 << 8; // a PROXY header was read, and its address has a place
    static final int CURRENT = 1 << 9; // its callbacks may be running: it settles afterwards what they have asked for
    static final int READ_HELD = 1 << 10; // by a limit of bytes a second
    static final int WRITE_HELD = 1 << 11;
    static final int UNTOLD = 1 << 12; // what is unread was read while it could not be told

    private static final VarHandle WISHES;

    static {
        try {
            WISHES = MethodHandles.lookup().findVarHandle(ConnectionState.class, "wishes", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Residents residents;

    // The turn's, all without a word of their own; what is written before the connection is given to its loop is
    // ordered by the loop's queue.
    final ConnectionHandler handler;
    Wire wire = Wire.PLAIN;

    // Written in the turn before the program has the connection; read by any thread that has it from there.
    @Nullable
    TcpStream stream;

    @Nullable
    Registration registration;

    int state;

    /** Who the peer is, if something has told that it is another than who has connected. As the stream. */
    @Nullable
    SocketAddress peer;

    /** While it is not open yet: what it has to go through. */
    @Nullable
    Opening opening;

    @Nullable
    Timeouts timeouts;

    // What holds it to limits of bytes a second; null: there are none. As the stream.
    @Nullable
    Pace reading;

    @Nullable
    Pace writing;

    // Written once, in the turn or when the loop is closed; read by any thread.
    volatile @Nullable CloseCause cause;

    @Nullable
    Throwable failure;

    /** While it is being connected: who waits for it. */
    @Nullable
    Connecting connecting;

    /** Its neighbours among the connections of the same owner and loop. */
    @Nullable
    StreamConnection previous;

    @Nullable
    StreamConnection next;

    private @Nullable Object attachment;

    // Atomic or and and, by any thread.
    @SuppressWarnings("unused")
    private volatile int wishes;

    ConnectionState(Residents residents, ConnectionHandler handler) {
        this.residents = residents;
        this.handler = handler;
    }

    // ---- bits

    final boolean wishes(int any) {
        return (wishes & any) != 0;
    }

    /** Sets wishes; returns those that there were. Any thread. */
    final int wish(int bits) {
        return (int) WISHES.getAndBitwiseOr(this, bits);
    }

    final int unwish(int bits) {
        return (int) WISHES.getAndBitwiseAnd(this, ~bits);
    }

    final boolean is(int any) {
        return (state & any) != 0;
    }

    final boolean isDue() {
        return is(DUE);
    }

    final void due(boolean due) {
        state = due ? state | DUE : state & ~DUE;
    }

    // ---- the loop

    final NetLoop net() {
        return residents.net;
    }

    final ConnectionOptions options() {
        return residents.options;
    }

    @Override
    public final EventLoop loop() {
        return residents.net.loop;
    }

    final StreamConnection self() {
        return (StreamConnection) this;
    }

    final TcpStream stream() {
        return Objects.requireNonNull(stream);
    }

    /** Whether a settling follows anyway, or a place for it was found. Any thread; false: the loop is closed. */
    final boolean settleSoon() {
        NetLoop net = net();
        if (net.loop.inLoop()) {
            if (!is(CURRENT)) {
                net.later(self());
            }
            return true;
        }
        if ((wish(QUEUED) & QUEUED) == 0) {
            try {
                net.loop.execute(self());
            } catch (RejectedExecutionException e) {
                return false; // the loop tells the end, which settles everything
            }
        }
        return true;
    }

    /** Brings what the poller is asked for in step with what is wanted. In the turn. */
    final void arm() {
        Registration known = registration;
        if (known == null || is(ENDING)) {
            return;
        }
        boolean read = is(LINGERING) || wantsData();
        await(
                read
                        ? (is(BLOCKED) ? Interest.READABLE_WRITABLE : Interest.READABLE)
                        : (is(BLOCKED) ? Interest.WRITABLE : Interest.NONE));
    }

    /** What the poller is to tell. In the turn. */
    final void await(Interest wanted) {
        Registration known = registration;
        if (known != null && !is(ENDING) && known.interest() != wanted) {
            known.setInterest(wanted);
        }
    }

    /** Whether data may be read and told. In the turn. */
    final boolean wantsData() {
        return (wishes & (PAUSED | CLOSE | ABORT | ENDED)) == 0 && (state & (INPUT_ENDED | ENDING | READ_HELD)) == 0;
    }

    /** It opens: if it has limits of bytes a second, they hold from now on. In the turn. */
    final void startPaces() {
        reading = Pace.of(self(), READ_HELD, options().readRate(), residents.reading);
        writing = Pace.of(self(), WRITE_HELD, options().writeRate(), residents.writing);
    }

    /** Ends it, with this cause if there is none yet; onClose follows at the end of the turn. In the turn. */
    final void end(CloseCause why, @Nullable Throwable exception) {
        if (is(ENDING)) {
            return;
        }
        state |= ENDING;
        wish(ENDED);
        cause = why;
        failure = exception;
        Registration known = registration;
        if (known != null) {
            known.close();
        }
    }

    /** Reading or writing has failed. In the turn. */
    final void failed(IOException e) {
        end(CloseCause.of(e), ConnectionException.of(e));
    }

    /** A callback threw. In the turn. */
    final void handlerFailed(Throwable t) {
        if (t instanceof ConnectionException input && input.isBadInput()) {
            if (!is(ENDING)) {
                net().log("connection from " + remoteAddress() + " closed: " + input.getMessage());
            }
            end(input.closeCause(), input);
            return;
        }
        end(CloseCause.HANDLER_FAILED, t);
        try {
            net().loop.execute(new HandlerFailure(toString(), t));
        } catch (RejectedExecutionException e) {
            Exceptions.rethrow(t); // the loop that closes reports what its callbacks throw
        }
    }

    // ---- the face

    @Override
    public final boolean isOpen() {
        return !wishes(CLOSE | ABORT | ENDED);
    }

    @Override
    public final boolean isInputClosed() {
        return is(INPUT_ENDED);
    }

    @Override
    public final boolean isOutputShutdown() {
        return wishes(SHUT);
    }

    @Override
    public final @Nullable CloseCause closeCause() {
        return cause;
    }

    @Override
    public final SocketAddress localAddress() {
        return stream().localAddress();
    }

    @Override
    public final SocketAddress remoteAddress() {
        SocketAddress named = peer;
        return named == null ? stream().remoteAddress() : named;
    }

    @Override
    public final @Nullable TlsInfo tls() {
        return wire.tls();
    }

    @Override
    public final @Nullable RateLimiter readLimiter() {
        return Pace.limiterOf(reading);
    }

    @Override
    public final @Nullable RateLimiter writeLimiter() {
        return Pace.limiterOf(writing);
    }

    @Override
    public final LimitStats readLimitStats() {
        return Pace.statsOf(reading);
    }

    @Override
    public final LimitStats writeLimitStats() {
        return Pace.statsOf(writing);
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
