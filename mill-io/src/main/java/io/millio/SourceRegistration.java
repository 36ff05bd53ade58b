package io.millio;

import io.millio.internal.Interleave;
import io.millio.jfr.LoopRecording;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.Token;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A registration: its runs, and the interest that is armed for it. */
final class SourceRegistration extends RegistrationLife {
    /** What is reported once and not again until {@link #setInterest}. */
    private static final int ONCE = Readiness.READ_CLOSED | Readiness.WRITE_CLOSED | Readiness.ERROR;

    private static final int EVERYTHING = ONCE | Readiness.READABLE | Readiness.WRITABLE;

    private final WorkerDispatch.@Nullable Run workerRun; // null when it runs in the turn
    private final @Nullable AcceptPause acceptPause; // of a listener; its content is the turn's

    // Which poll had begun last when a worker's run ended; ordered as readiness is.
    private long finishedAtPoll = -1;

    // The loop's turn only: what is not asked for although the interest includes it, and what the poller was given
    // last.
    private int muted;
    private Interest armed;

    SourceRegistration(Reactor reactor, Source source, Token token, Interest interest, EventHandler handler) {
        super(reactor, source, token, interest, handler);
        this.armed = interest;
        this.workerRun = usesWorkers() ? new WorkerDispatch.Run(this) : null;
        // Made now, for when it is needed there may be no memory or descriptor left.
        this.acceptPause = source instanceof TcpListener ? new AcceptPause(reactor, this) : null;
    }

    // ---- events, in the turn

    void onReady(int ready) {
        if (has(OPENING | ENDED) && !open()) {
            return;
        }
        if ((ready & Readiness.CLOSED) != 0) {
            sourceClosed();
        } else if (workerRun == null) {
            runInTurn(ready);
        } else {
            dispatch(ready, workerRun);
        }
    }

    private void runInTurn(int ready) {
        int wanted = wanted(ready);
        if (wanted == 0) {
            return;
        }
        readiness = wanted;
        reactor.turn.eventsHandled++;
        callHandler();
        readiness = 0;
        absorb(wanted & ONCE, source().condition());
        if (has(CLOSE_WHEN_WRITTEN | PAUSE_ACCEPT)) {
            applyRequests();
        }
    }

    private void dispatch(int ready, WorkerDispatch.Run run) {
        absorbCondition();
        int wanted = wanted(ready);
        if (wanted == 0) {
            return;
        }
        if (!schedule(0, DISARMED)) {
            arm();
            return;
        }
        boolean due = true;
        try {
            // A run that has ended since this poll began may have consumed what it saw: if not, the next one sees it.
            due = finishedAtPoll != reactor.turn.pollsBegun();
            if (due) {
                readiness = wanted;
                reactor.turn.eventsHandled++;
                absorb(wanted & ONCE, 0);
            }
        } finally {
            if (due) {
                submit(run);
            } else {
                release();
            }
        }
    }

    /** Submits a run that was scheduled. In the turn. */
    private void submit(WorkerDispatch.Run run) {
        try {
            reactor.dispatch(run);
        } catch (Throwable t) { // rejected, or no thread could be made
            failed(t);
        }
    }

    private int wanted(int ready) {
        if (acceptPause != null && (acceptPause.isOn() || has(PAUSE_ACCEPT))) {
            return 0; // the pause has begun since the poll looked, or is about to: a worker's run has just failed
        }
        return ready & (interest.bits() | ONCE) & ~muted;
    }

    /** Gives back a run that was scheduled and does not take place. */
    private void release() {
        if ((finish(0) & END_READY) != 0) {
            queueUpdate();
        }
    }

    /**
     * The library failed on this registration's behalf, or the executor has thrown for a run, which it may have
     * accepted all the same: the registration ends, a listener pauses, and no other one is harmed. Any thread.
     */
    @Override
    void failed(Throwable why) {
        reactor.report(LoopError.Origin.DISPATCH, this, why);
        if (has(SCHEDULED) && claimRun()) {
            release(); // it was scheduled, and does not take place
        }
        if (source() instanceof TcpListener && !has(ENDED)) {
            set(PAUSE_ACCEPT);
            queueUpdate();
        } else if (!end(why, true)) {
            queueUpdate(); // it had ended, and what was left of that is done by the update
        }
    }

    // ---- a run on the executor

    WorkerDispatch.@Nullable Run workerRun() {
        return workerRun;
    }

    void runOnWorker(WorkerDispatch.Run run) {
        if (!claimRun()) {
            return; // the executor has thrown after it had accepted the run
        }
        int condition = 0;
        try {
            run.begin();
            if (readiness != 0 && !has(ENDED)) {
                callHandlerOnWorker();
            }
            condition = source().condition();
        } catch (Throwable t) {
            failed(t);
        } finally {
            int before;
            try {
                run.end(); // before the next one can begin
                before = finishRun(condition);
            } catch (Throwable t) {
                reactor.report(LoopError.Origin.DISPATCH, this, t);
                before = finishRun(0) | DISARMED;
            }
            // What else the condition says, the next event finds; a channel of the platform's that was closed has none.
            if ((condition & Readiness.CLOSED) != 0
                    || (before & (DISARMED | END_READY | CLOSE_WHEN_WRITTEN | PAUSE_ACCEPT)) != 0) {
                queueUpdate();
            }
        }
    }

    /** Ends the run; returns the state before. */
    private int finishRun(int condition) {
        readiness = 0;
        if ((condition & Readiness.ERROR) != 0) {
            set(MUTE_ERROR); // before the run ends: else the next one could begin before the loop knows
        }
        finishedAtPoll = reactor.turn.pollsBegun();
        int before;
        while (((before = finish(NOTIFY_SHUTDOWN)) & NOTIFY_SHUTDOWN) != 0) {
            clear(NOTIFY_SHUTDOWN);
            if (!has(ENDED)) {
                callOnShutdown();
            }
        }
        return before;
    }

    // ---- calling the handler: these throw nothing

    private void callHandler() {
        try {
            handler.handle(this);
        } catch (Throwable t) {
            handlerFailed(t);
        }
    }

    private void callHandlerOnWorker() {
        if (!LoopRecording.wantsTimes()) {
            callHandler();
            return;
        }
        long begin = reactor.clock.getAsLong();
        callHandler();
        long elapsed = reactor.clock.getAsLong() - begin;
        if (elapsed >= LoopRecording.SLOW_NANOS) {
            LoopRecording.run(reactor.loop, StallDetector.subjectOf(this), elapsed, true);
        }
    }

    /** In the turn. */
    private void callOnShutdownInTurn() {
        try {
            reactor.turn.run.begin(this);
            callOnShutdown();
            reactor.turn.run.end();
        } catch (Throwable t) {
            handlerFailed(t); // else the handlers before this one would be notified again
        }
    }

    private void callOnShutdown() {
        try {
            handler.onShutdown(this);
        } catch (Throwable t) {
            handlerFailed(t);
        }
    }

    private void handlerFailed(Throwable t) {
        if (t instanceof ClosedChannelException && (has(ENDED) || !source().isOpen())) {
            return; // closed concurrently, which is allowed
        }
        reactor.report(LoopError.Origin.HANDLER, this, t);
        if (ErrorReporter.isFatal(t)) {
            reactor.fail(t);
        }
        if (source() instanceof TcpListener) {
            set(PAUSE_ACCEPT);
        } else if (!reactor.keepAfterError && !end(t, true)) {
            queueUpdate(); // it had begun to end, and may have failed to queue that
        }
    }

    // ---- keeping what is armed in step with what is wanted, in the turn

    /** Applies in the turn what other threads have requested. */
    @Override
    void update() {
        if (has(RETRY_DETACH)) {
            clear(RETRY_DETACH);
            detach();
        }
        applyRequests();
        notifyClose(false);
    }

    private void applyRequests() {
        if (has(ENDED)) {
            return;
        }
        if (has(UNMUTE)) {
            clear(UNMUTE);
            muted = 0;
        }
        absorbCondition();
        if (has(PAUSE_ACCEPT)) {
            clear(PAUSE_ACCEPT);
            pauseAccept();
        }
        arm();
        closeIfWritten();
    }

    /** An error mutes after the run in which it came up, and not once more after setInterest. */
    private void absorbCondition() {
        int condition = source().condition() & ~Readiness.ERROR;
        absorb(0, has(MUTE_ERROR) ? condition | Readiness.ERROR : condition);
    }

    /**
     * Stops asking for what was reported once, and for what cannot come any more. A report mutes nothing but itself,
     * for bytes may still wait in front of a reported error; the interest in reading and writing is dropped by what a
     * read or write has returned, which is the condition.
     */
    private void absorb(int reported, int condition) {
        if ((reported | condition) == 0) {
            return;
        }
        if ((condition & Readiness.CLOSED) != 0) {
            sourceClosed();
            return;
        }
        int more = reported | (condition & ONCE);
        if ((condition & Readiness.ERROR) != 0) {
            more = EVERYTHING;
        } else if ((condition & Readiness.READ_CLOSED) != 0) {
            more |= Readiness.READABLE;
        }
        if ((more & ~muted) != 0) {
            muted |= more;
            arm();
        }
        if ((condition & Readiness.EXHAUSTED) != 0 && source() instanceof TcpListener listener) {
            IOException why = listener.takeAcceptError();
            if (why != null) {
                reactor.report(LoopError.Origin.ACCEPT, this, why);
                pauseAccept();
            }
        }
    }

    private void pauseAccept() {
        if (acceptPause != null) {
            acceptPause.begin();
            arm();
        }
    }

    /** Gives the poller the interest that holds now, if it has another. In the turn. */
    void arm() {
        boolean silent = has(DISARMED) || (acceptPause != null && acceptPause.isOn());
        Interest wanted = silent ? Interest.NONE : Interest.ofBits(interest.bits() & ~muted);
        Poller.Key known = key;
        if (wanted != armed && known != null && !has(ENDED)) {
            reactor.poller.modify(known, wanted);
            armed = wanted;
        }
    }

    // ---- shutting down

    void notifyShutdown() {
        if (refuse()) {
            return;
        }
        if (workerRun == null) {
            if (!has(ENDED)) {
                callOnShutdownInTurn();
                applyRequests();
            }
        } else if (schedule(NOTIFY_SHUTDOWN, NOTIFY_SHUTDOWN)) {
            submit(workerRun);
        }
    }

    private void closeIfWritten() {
        boolean running = workerRun == null ? readiness != 0 : has(SCHEDULED);
        if (!running && has(CLOSE_WHEN_WRITTEN) && !interest.isWritable()) {
            end(null, true);
        }
    }

    /** The source was closed without its registration. In the turn. */
    private void sourceClosed() {
        if (workerRun != null) {
            // A run in progress may be about to throw why it was closed, which must not be lost: when it has ended, the
            // update that it queues comes here again.
            if (!schedule(0, DISARMED)) {
                return;
            }
            finish(0);
        }
        end(null, false);
    }

    // ---- requests of the program

    @Override
    public void setInterest(Interest wanted) {
        interest = Objects.requireNonNull(wanted, "interest");
        Interleave.point();
        clear(MUTE_ERROR);
        if (reactor.inLoop()) {
            boolean applied = false;
            try {
                muted = 0;
                applyRequests();
                applied = true;
            } finally {
                if (!applied) {
                    queueUpdate(); // to try again: else the interest would not be armed
                }
            }
        } else if (!has(ENDED)) {
            set(UNMUTE);
            queueUpdate();
        }
    }

    @Override
    public void deregister() {
        if (!end(null, false)) {
            throw new IllegalStateException("token: " + token() + " is not registered any more, for " + source());
        }
    }

    @Override
    public void close() {
        end(null, true);
    }

    @Override
    public void closeWhenWritten() {
        set(CLOSE_WHEN_WRITTEN);
        if (reactor.inLoop()) {
            closeIfWritten();
        } else if (!has(ENDED)) {
            queueUpdate();
        }
    }
}
