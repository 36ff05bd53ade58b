package io.millio.net;

import io.millio.Event;
import io.millio.Registration;
import io.millio.TurnHandler;
import io.millio.internal.Exceptions;
import io.millio.net.wire.Chunk;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A connection: its beginning, its events, and the end that is told. It is also the handler that the loop calls, and
 * the task that other threads queue.
 *
 * <pre>
 *   (connecting) --&gt; open --close()--&gt; flushing --written--&gt; lingering --peer closed--&gt; ended --&gt; onClose
 *                      |                   |                                              ^
 *                      +-- abort, failure, timeout, handler threw, loop closed -----------+
 * </pre>
 */
final class StreamConnection extends ConnectionEnding implements TurnHandler, Runnable {
    /** How often one settling tells completions and writes what they have written. */
    private static final int ROUNDS_PER_SETTLING = 8;

    StreamConnection(Residents residents, ConnectionHandler handler) {
        super(residents, handler);
    }

    // ---- beginning, in the turn

    /** Takes over a connected stream that is registered nowhere. */
    void adopt(TcpStream connected) {
        if (register(connected, Interest.READABLE)) {
            enter();
        }
    }

    /** Registers a stream; what becomes of it if that fails is told here. */
    private boolean register(TcpStream toRegister, Interest interest) {
        stream = toRegister;
        try {
            registration = net().loop.register(toRegister, interest, this);
            return true;
        } catch (IOException | RuntimeException e) {
            try {
                toRegister.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            refused(e);
            return false;
        }
    }

    /** There is no connection; the owner and whoever waits for it are told. */
    void refused(Throwable why) {
        state |= ENDING;
        wish(ENDED);
        Connecting waiting = connecting;
        connecting = null;
        residents.left(this);
        if (waiting != null) {
            waiting.fail(why);
        } else if (!(why instanceof RejectedExecutionException)) {
            net().loop.execute(new HandlerFailure(toString(), why));
        }
    }

    /** Begins to connect. */
    void connect(Connecting waiting) {
        connecting = waiting;
        TcpStream begun;
        try {
            begun = net().loop.openStream(waiting.remote());
        } catch (IOException | RuntimeException e) {
            refused(e);
            return;
        }
        if (register(begun, Interest.WRITABLE)) {
            waiting.startTimer();
        }
    }

    /** What a look-up and race came to; told in the loop, or where the race ended when that is closed. */
    void connected(Connecting waiting, @Nullable TcpStream winner, @Nullable Throwable why) {
        connecting = waiting;
        if (winner != null) {
            adopt(winner);
        } else {
            refused(why == null ? new IOException("no connection") : TcpClient.unwrapped(why));
        }
    }

    private void connectReady() {
        try {
            if (!stream().finishConnect()) {
                return;
            }
        } catch (IOException e) {
            failConnect(e);
            return;
        }
        enter();
    }

    /** The socket is connected: what comes before the first callback. */
    private void enter() {
        residents.add(this);
        if (residents.entrance.isOpen()) {
            open();
            return;
        }
        Connecting waiting = connecting;
        if (waiting != null) {
            waiting.stopTimer(); // the handshake has one of its own
        }
        Opening first = new Opening(this, residents.entrance, waiting == null ? null : waiting.remote());
        opening = first;
        if (!is(ENDING)) {
            first.begin();
        }
    }

    /** A PROXY header has told who the peer is. */
    void named(SocketAddress client) throws ConnectionException {
        peer = client;
        if (!residents.tryPlace(client)) {
            throw new ConnectionException(
                    CloseCause.ADDRESS_LIMIT, "too many connections from " + Addresses.text(client), null);
        }
        state |= NAMED;
    }

    /** All is gone through; a rest of what was read on the way is the first data. */
    void entered(@Nullable Chunk rest) {
        opening = null;
        if (rest != null) {
            prefill(rest);
        }
        open();
        if (wire.holdsInput()) {
            net().later(this);
        }
    }

    /** Ends an attempt. */
    void failConnect(Throwable why) {
        if (connecting != null) {
            end(CloseCause.FAILED, why);
        }
    }

    private void open() {
        state |= OPENED;
        startPaces();
        if (options().hasIdleTimeout()) {
            timeouts().start();
        }
        state |= CURRENT;
        try {
            handler.onOpen(this);
        } catch (Throwable t) {
            sendLastFlight(t);
            handlerFailed(t);
        }
        Connecting waiting = connecting;
        connecting = null;
        if (waiting != null && !waiting.done(this)) {
            end(CloseCause.ABORTED, null); // whoever waited has cancelled
        }
        if (wire.holdsInput() && wantsData()) {
            receive(); // what came with the handshake: one write answers both
        }
        settle();
    }

    /**
     * What a handshake has left to go with the first data: without it the peer would not know that the connection was
     * open.
     */
    private void sendLastFlight(Throwable why) {
        try {
            wire.flush(stream());
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    // ---- events, in the turn

    @Override
    public void handle(Event event) {
        Opening first = opening;
        if (first != null) {
            first.ready(event);
            return;
        }
        if (connecting != null) {
            connectReady();
            return;
        }
        state |= CURRENT;
        if (event.isWritable()) {
            state &= ~BLOCKED;
        }
        if (wantsData()) {
            if (event.isReadable() || event.isReadClosed() || event.isError()) {
                receive();
            }
        } else if (!is(LINGERING) && (event.isReadClosed() || event.isWriteClosed() || event.isError())) {
            lookForEnd();
        }
        settle();
    }

    /** What other threads queue. */
    @Override
    public void run() {
        unwish(QUEUED);
        settleLater();
    }

    /** Settles outside of an event. */
    void settleLater() {
        if (!is(OPENED) || is(ENDING)) {
            return;
        }
        state |= CURRENT;
        if (mayHaveInput() && wantsData() && !wishes(RESUMED)) {
            receive(); // else what is unread comes first
        }
        settle();
    }

    /** Does what the callbacks and other threads have asked for, until nothing is left to do now. */
    private void settle() {
        int rounds = 0;
        do {
            if (wishes(DRAIN)) {
                tellDrain();
            }
            if (wishes(RESUMED) && !wishes(PAUSED)) {
                unwish(RESUMED);
                tellAgain();
                if (wire.holdsInput()) {
                    net().later(this);
                }
            }
            flush();
            if (++rounds == ROUNDS_PER_SETTLING) {
                net().later(this);
                break;
            }
        } while (!is(ENDING) && (tellWritten() || (wishes(RESUMED) && !wishes(PAUSED | CLOSE))));
        carryOutEnd();
        if (is(BLOCKED) && !is(ENDING)) {
            timeouts().blocked();
        }
        arm();
        net().gather.clear(); // of a connection that has ended
        state &= ~CURRENT;
    }

    /** The server drains. In the turn. */
    void drain() {
        wish(DRAIN);
        settleLater();
    }

    private void tellDrain() {
        unwish(DRAIN);
        if (is(DRAIN_TOLD | ENDING) || wishes(CLOSE | ABORT)) {
            return;
        }
        state |= DRAIN_TOLD;
        try {
            handler.onDrain(this);
        } catch (Throwable t) {
            handlerFailed(t);
        }
    }

    // ---- ending

    @Override
    public void onShutdown(Registration unused) {
        Connecting waiting = connecting;
        if (waiting != null) {
            failConnect(new RejectedExecutionException("the loop is shutting down"));
            return;
        }
        drain();
    }

    /** The end: told by the loop when the last run is over, once. */
    @Override
    public void onClose(Registration unused, @Nullable Throwable coreFailure) throws Exception {
        wish(ENDED);
        state |= ENDING;
        CloseCause why = cause;
        if (why == null) {
            why = coreFailure == null ? CloseCause.LOOP_CLOSED : CloseCause.HANDLER_FAILED;
            failure = coreFailure;
            cause = why;
        }
        Timeouts known = timeouts;
        if (known != null) {
            known.stop();
        }
        Opening first = opening;
        if (first != null) {
            opening = null;
            first.ended();
            residents.remove(this);
        }
        Connecting waiting = connecting;
        if (waiting != null) {
            connecting = null;
            wire.release();
            residents.left(this);
            waiting.fail(failure == null ? new RejectedExecutionException("the loop is closed") : failure);
            return;
        }
        releaseUnread();
        wire.release();
        if (reading != null) {
            reading.ended(0);
        }
        if (first != null) {
            residents.left(this);
            refusedAtEntrance(why);
            return;
        }
        try {
            cancelWrites();
            handler.onClose(this, why, failure);
        } finally {
            residents.remove(this);
            residents.left(this);
        }
    }

    /** It never was open: no handler knows of it. */
    private void refusedAtEntrance(CloseCause why) {
        RefusalListener listener = residents.entrance.refusals();
        if (listener != null) {
            listener.onRefused(remoteAddress(), why, failure);
        } else if (why != CloseCause.PEER && why != CloseCause.LOOP_CLOSED && why != CloseCause.SERVER_CLOSED) {
            net().log("connection from " + Addresses.text(remoteAddress()) + " refused, " + why + ": "
                    + (failure == null ? "" : failure.getMessage()));
        }
    }

    /** Tells the end of a write that was not taken, as soon as no callback is under way. */
    void tellLater(Piece piece) {
        Runnable task = () -> {
            try {
                piece.tell(this, Piece.cancelled());
            } catch (Exception e) {
                Exceptions.rethrow(e);
            }
        };
        try {
            net().loop.execute(task);
        } catch (RejectedExecutionException e) {
            task.run(); // nobody else will
        }
    }
}
