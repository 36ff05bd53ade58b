package io.millio.net;

import io.millio.Event;
import io.millio.Registration;
import io.millio.TurnHandler;
import io.millio.internal.Persistently;
import io.millio.net.wire.Chunk;
import io.millio.net.wire.FrameScan;
import io.millio.transport.Interest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A connection: the handler that the loop calls and the task that other threads queue. An idle one is this object
 * alone; its parts are created when they are needed: {@link Handshaker}, {@link PendingConnect}, {@link WriteQueue},
 * {@link Timeouts}, {@link Throttle}. {@link ConnectionReader} and {@link ConnectionWriter} belong to the loop and work
 * on one connection at a time.
 *
 * <pre>
 *   (connecting) --&gt; open --close()--&gt; flushing --written--&gt; lingering --peer closed--&gt; ended --&gt; onClose
 *                      |                   |                                              ^
 *                      +-- abort, I/O failure, write stall, loop closed -------------------+
 * </pre>
 *
 * <p>Other threads set bits of one word and queue the connection once; the loop carries out what they ask for in
 * {@link #settle}, which also ends each of its callbacks: a connection changes there, never inside a callback.
 */
final class StreamConnection extends ConnectionState implements FrameScan.Source, TurnHandler, Runnable {
    /** How often one settling reports completions and writes what they have written. */
    private static final int ROUNDS_PER_SETTLING = 8;

    StreamConnection(ConnectionGroup group, ConnectionHandler handler) {
        super(group, handler);
    }

    @Override
    public FrameScan frameScan() {
        return net().reader.scan;
    }

    @Override
    public boolean isHeld() {
        return group.memory.holds(this);
    }

    @Override
    public int maxUnreadBytes() {
        return options().maxUnreadBytes();
    }

    // ---- beginning, loop thread only

    /**
     * Opens it.
     *
     * @param rest what the setup has read and not used: the first data
     */
    void open(@Nullable Chunk rest) {
        handshaker = null;
        state |= OPENED | CURRENT;
        try {
            if (rest != null) {
                unread = rest;
                countRead(rest.size());
                request(RESUMED);
            }
            group.recordOpened(this);
            reading = Throttle.of(this, READ_HELD, options().readRate, group.reading);
            writing = Throttle.of(this, WRITE_HELD, options().writeRate, group.writing);
            if (options().hasIdleTimeout()) {
                Timeouts.of(this).arm();
            }
            openHandler(group.handlers);
            PendingConnect attempt = connecting;
            connecting = null;
            if (attempt != null && !attempt.succeed()) {
                end(CloseCause.ABORTED, null); // the caller has cancelled
            }
            if (wire.holdsInput() && wantsData()) {
                net().reader.receive(this); // what came with the handshake: one write answers both
            }
            settle();
        } catch (Throwable t) {
            settlingFailed(t);
        } finally {
            leaveTurn();
        }
    }

    /** Calls the first callback of the handler, which is created by these if there is none. */
    void openHandler(@Nullable Function<? super Connection, ? extends ConnectionHandler> handlers) {
        state &= ~NEW_HANDLER;
        try {
            if (handlers != null) {
                handler = Objects.requireNonNull(handlers.apply(this), "the handler from handlers");
            }
            handler.onOpen(this);
        } catch (Throwable t) {
            handlerFailed(t);
        }
    }

    @Override
    public void handler(ConnectionHandler next) {
        HandlerChange.to(this, next);
    }

    @Override
    public void startTls(StartTls settings, ConnectionHandler next) {
        HandlerChange.startTls(this, settings, next);
    }

    // ---- events, loop thread only

    @Override
    public void handle(Event event) {
        Handshaker first = handshaker;
        if (first != null) {
            first.ready();
            return;
        }
        PendingConnect attempt = connecting;
        if (attempt != null) {
            attempt.ready();
            return;
        }
        state |= CURRENT;
        try {
            if (event.isWritable()) {
                state &= ~BLOCKED;
            }
            if (wantsData()) {
                if (event.isReadable() || event.isReadClosed() || event.isError()) {
                    net().reader.receive(this);
                }
            } else if (!requested(CLOSE)
                    && !is(READ_HELD)
                    && (event.isReadClosed() || event.isWriteClosed() || event.isError())) {
                net().reader.lookForEnd(this);
            }
            if (event.isError()) {
                end(CloseCause.FAILED, new IOException("the socket has failed: " + this));
            }
            settle();
        } catch (Throwable t) {
            settlingFailed(t);
        } finally {
            leaveTurn();
        }
    }

    /** What other threads queue. */
    @Override
    public void run() {
        clear(QUEUED);
        settleLater(false);
    }

    /**
     * Settles outside of an event.
     *
     * @param read whether there may be something to read that the poller does not report
     */
    void settleLater(boolean read) {
        if (!is(OPENED | ENDING)) {
            Closing.advanceUnopened(this);
        }
        if (!is(OPENED) || is(ENDING)) {
            return;
        }
        state |= CURRENT;
        try {
            if ((read || wire.holdsInput()) && wantsData() && !requested(RESUMED)) {
                net().reader.receive(this); // else what is unread comes first
            }
            settle();
        } catch (Throwable t) {
            settlingFailed(t);
        } finally {
            leaveTurn();
        }
    }

    /** Does what the callbacks and other threads have asked for, until nothing is left to do now. */
    void settle() {
        NetLoop net = net();
        int rounds = 0;
        do {
            if (requested(DRAIN)) {
                reportDrain();
            }
            if (requested(RESUMED) && !requested(PAUSED)) {
                clear(RESUMED);
                net.reader.deliverAgain(this);
                if (wire.holdsInput()) {
                    net.later(this);
                }
            }
            net.writer.flush(this);
            if (++rounds == ROUNDS_PER_SETTLING) {
                net.later(this);
                break;
            }
        } while (!is(ENDING) && (net.writer.reportWritten(this) || (requested(RESUMED) && !requested(PAUSED | CLOSE))));
        if (requested(ABORT | CLOSE | SHUT) && !is(ENDING)) {
            Closing.advance(this);
        }
        group.memory.settled(this);
        if (is(NEW_HANDLER) && !is(ENDING) && HandlerChange.advance(this)) {
            return;
        }
        if (is(BLOCKED) && !is(ENDING)) {
            Timeouts.of(this).blocked();
        }
        arm();
    }

    /** Leaves the shared buffer empty, whatever has happened: it never carries bytes to another connection. */
    void leaveTurn() {
        net().writer.clear();
        state &= ~CURRENT;
    }

    /** Something other than a callback threw: what was gathered is lost, so the connection can't go on. */
    void settlingFailed(Throwable t) {
        end(CloseCause.FAILED, t);
        net().report(this, t);
    }

    /** Ensures that a settling follows. Any thread; false: the loop is closed. */
    @Override
    boolean settleSoon() {
        NetLoop net = net();
        if (net.loop.inLoop()) {
            if (!is(CURRENT)) {
                net.later(this);
            }
            return true;
        }
        if ((request(QUEUED) & QUEUED) != 0) {
            return true;
        }
        boolean queued = false;
        try {
            Persistently.execute(net.loop, this);
            queued = true;
        } catch (RejectedExecutionException e) {
            // The loop reports the end, which settles everything.
        } finally {
            if (!queued) {
                clear(QUEUED); // else no later call would queue it
            }
        }
        return queued;
    }

    /** Brings the interest in step with what is wanted. */
    private void arm() {
        boolean read = wantsData() || Closing.discardsInput(this);
        await(
                read
                        ? (is(BLOCKED) ? Interest.READABLE_WRITABLE : Interest.READABLE)
                        : (is(BLOCKED) ? Interest.WRITABLE : Interest.NONE));
    }

    /** Sets the interest. */
    void await(Interest wanted) {
        Registration known = registration;
        if (known != null && !is(ENDING) && known.interest() != wanted) {
            known.setInterest(wanted);
        }
    }

    /** Nothing was written for some time. */
    void reportIdle() {
        if (!is(OPENED) || is(ENDING | NEW_HANDLER)) {
            return;
        }
        state |= CURRENT;
        try {
            try {
                handler.onIdle(this);
            } catch (Throwable t) {
                handlerFailed(t);
            }
            settle();
        } catch (Throwable t) {
            settlingFailed(t);
        } finally {
            leaveTurn();
        }
    }

    /** Begins to drain. */
    void drain() {
        request(DRAIN);
        settleLater(false);
    }

    private void reportDrain() {
        if (is(NEW_HANDLER)) {
            return; // it is opened first
        }
        clear(DRAIN);
        if (is(DRAIN_REPORTED | ENDING) || requested(CLOSE | ABORT)) {
            return;
        }
        state |= DRAIN_REPORTED;
        try {
            handler.onDrain(this);
        } catch (Throwable t) {
            handlerFailed(t);
        }
    }

    // ---- ending, loop thread only

    /** Closes after what is queued, for a reason other than a call of {@link #close}. */
    void closeFor(CloseCause why, @Nullable Throwable exception) {
        if (!is(OPENED)) {
            end(why, exception);
        } else if (!is(ENDING)) {
            remember(why, exception);
            close();
        }
    }

    /** Ends it at once; onClose follows at the end of the turn. */
    void end(CloseCause why, @Nullable Throwable exception) {
        try {
            if (!is(ENDING)) {
                state |= ENDING;
                remember(why, exception);
                request(ENDED);
            }
        } finally {
            Registration known = registration;
            if (known != null) {
                known.close(); // also by a second call: the first may have failed here
            }
        }
    }

    /** Reading or writing has failed. */
    void failed(IOException e) {
        end(CloseCause.of(e), ConnectionException.of(e));
    }

    /** A callback threw: what was written before is still sent. */
    void handlerFailed(Throwable t) {
        if (t instanceof ConnectionException input && input.isBadInput()) {
            if (!requested(CLOSE | ENDED)) {
                net().log("connection from " + remoteAddress() + " closed: " + input.getMessage());
            }
            closeFor(input.closeCause(), input);
            return;
        }
        closeFor(CloseCause.HANDLER_FAILED, t);
        net().report(this, t);
    }

    @Override
    public void onShutdown(Registration unused) {
        PendingConnect attempt = connecting;
        if (attempt != null) {
            attempt.abandon(new RejectedExecutionException("the loop is shutting down"));
            return;
        }
        drain();
    }

    @Override
    public void onClose(Registration unused, @Nullable Throwable coreFailure) {
        Closing.closed(this, coreFailure);
    }

    // ---- the public side, any thread

    @Override
    public WriteResult write(ByteBuffer bytes) {
        if (!takesWrites()) {
            return WriteResult.CLOSED;
        }
        if (net().loop.inLoop()) {
            return net().writer.write(this, bytes);
        }
        return settleAfter(queue().offer(bytes));
    }

    @Override
    public WriteResult write(ByteBuffer bytes, WriteCompletion completion) {
        return offer(new PendingWrite.Lent(bytes, Objects.requireNonNull(completion, "completion")), bytes.remaining());
    }

    @Override
    public CompletableFuture<Long> transferFrom(Path file, long position, long count, FileCheck check) {
        PendingFile write = new PendingFile(loop(), file, position, count, check);
        WriteResult unused = offer(write, 0);
        return write.result;
    }

    private WriteResult offer(PendingWrite write, int bytes) {
        WriteResult offered = takesWrites() ? queue().offer(write, bytes) : WriteResult.CLOSED;
        if (offered == WriteResult.CLOSED) {
            write.cancelLater(this);
            return offered;
        }
        return settleAfter(offered);
    }

    /** Has what was taken written. Any thread. */
    WriteResult settleAfter(WriteResult offered) {
        if (!settleSoon()) {
            return WriteResult.CLOSED;
        }
        if (offered == WriteResult.PAUSE) {
            queue().recordPause(this, 0);
        }
        return offered;
    }

    boolean takesWrites() {
        if (requested(SHUT)) {
            throw new IllegalStateException("output is shut down: " + this);
        }
        return !requested(CLOSE | ABORT | ENDED);
    }
}
