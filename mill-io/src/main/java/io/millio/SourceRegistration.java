package io.millio;

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

/**
 * A registration: its runs, what is armed for it, and its end. It is also the task that other threads queue for the
 * loop to bring it up to date.
 */
final class SourceRegistration extends CurrentEvent implements Registration, Runnable {
    /** What is told once and not again until {@link #setInterest}. */
    private static final int ONCE = Readiness.READ_CLOSED | Readiness.WRITE_CLOSED | Readiness.ERROR;

    private static final int EVERYTHING = ONCE | Readiness.READABLE | Readiness.WRITABLE;

    private final Reactor reactor;
    private final EventHandler handler;
    private final @Nullable Runnable handedRun; // null when it runs in the turn
    private final @Nullable AcceptPause acceptPause; // of a listener; its content is the turn's

    // Written by the registry before this is findable, never after.
    long id;

    // Volatile: written by whoever calls setInterest, read in the turn.
    private volatile Interest interest;

    // Volatile, both: the thread that registers writes the key and then looks at armMissed; the loop, which may have
    // an event before that, writes armMissed and then looks at the key again.
    private volatile Poller.@Nullable Key key;
    private volatile boolean armMissed;

    // Written before END_READY is set, read after it was seen.
    private @Nullable Throwable endCause;

    // Which poll had begun last when a handed run ended; ordered as readiness is.
    private long finishedAtPoll = -1;

    // The last condition that a handed run reported; ordered as readiness is.
    private int reportedCondition;

    // The loop's turn only.
    private int muted;
    private Interest armed;

    SourceRegistration(Reactor reactor, Source source, Token token, Interest interest, EventHandler handler) {
        super(source, token);
        this.reactor = reactor;
        this.interest = interest;
        this.armed = interest;
        this.handler = handler;
        this.handedRun = reactor.dispatcher == null || handler instanceof TurnHandler ? null : this::runHanded;
        // Made now, for when it is needed there may be no memory or descriptor left.
        this.acceptPause = source instanceof TcpListener ? new AcceptPause(reactor, this) : null;
    }

    // ---- registering, on the registering thread

    /** The poller has it. */
    void added(Poller.Key byPoller) {
        key = byPoller;
        if (has(ENDED)) {
            reactor.poller.remove(byPoller);
        } else if (armMissed) {
            queueUpdate();
        }
    }

    /** The poller refused it: as if it had never been; returns whether this thread must take it out of the registry. */
    boolean abandon() {
        boolean first = set(ENDED);
        if (set(CLOSE_TOLD)) {
            reactor.settled(); // else somebody has ended it in the meantime, and has told its end
        }
        return first;
    }

    // ---- events, in the turn

    /** Reads a word of each object that a run begins with, for {@link TurnState}; the result means nothing. */
    int touch() {
        return source().condition() + muted + handler.getClass().getModifiers();
    }

    /** The poller has told an event. In the turn. */
    void onReady(int ready) {
        if ((ready & Readiness.CLOSED) != 0) {
            sourceClosed();
        } else if (handedRun == null) {
            runDirect(ready);
        } else {
            hand(ready, handedRun);
        }
    }

    private void runDirect(int ready) {
        int told = wanted(ready);
        if (told == 0 || has(ENDED)) {
            return;
        }
        readiness = told;
        reactor.turn.eventsHandled++;
        callHandler();
        readiness = 0;
        absorb(told & ONCE, source().condition());
        if (has(CLOSE_WHEN_WRITTEN | PAUSE_ACCEPT)) {
            update();
        }
    }

    private void hand(int ready, Runnable run) {
        absorbCondition();
        int told = wanted(ready);
        if (told == 0) {
            return;
        }
        if (!schedule(0, DISARMED)) {
            arm();
            return;
        }
        if (finishedAtPoll == reactor.turn.pollsBegun()) {
            // A run has ended since this poll began, and may have dealt with what it saw: if not, the next one sees it.
            if ((finish(0) & END_READY) != 0) {
                queueUpdate();
            }
            return;
        }
        readiness = told;
        reactor.turn.eventsHandled++;
        absorb(told & ONCE, 0);
        reactor.handOver(this, run);
    }

    private int wanted(int ready) {
        if (acceptPause != null && (acceptPause.isOn() || has(PAUSE_ACCEPT))) {
            return 0; // the pause has begun since the poll looked, or is about to: a worker's run has just failed
        }
        return ready & (interest.bits() | ONCE) & ~muted;
    }

    /** The executor did not take the run. */
    void notTaken(Throwable why) {
        clear(SCHEDULED);
        reactor.errors.report(LoopError.Origin.DISPATCH, this, why);
        end(why, true);
    }

    // ---- a run on the executor

    private void runHanded() {
        if (readiness != 0 && !has(ENDED)) {
            callHandler();
        }
        readiness = 0;
        int condition = source().condition();
        boolean changed = condition != reportedCondition || (condition & Readiness.EXHAUSTED) != 0;
        reportedCondition = condition;
        if ((condition & Readiness.ERROR) != 0) {
            set(MUTE_ERROR); // before the run ends: else the next one could begin before the loop knows
        }
        finishedAtPoll = reactor.turn.pollsBegun();
        int before = finishHanded();
        if (changed || (before & (DISARMED | END_READY | CLOSE_WHEN_WRITTEN | PAUSE_ACCEPT)) != 0) {
            queueUpdate();
        }
    }

    private int finishHanded() {
        while (true) {
            int before = finish(TELL_SHUTDOWN);
            if ((before & SCHEDULED) != 0) {
                return before;
            }
            clear(TELL_SHUTDOWN);
            if (!has(ENDED)) {
                callOnShutdown();
            }
        }
    }

    // ---- calling the program

    private void callHandler() {
        try {
            handler.handle(this);
        } catch (Throwable t) {
            handlerFailed(t);
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
            return; // it was closed under the handler's hands, which is anybody's right
        }
        reactor.errors.report(LoopError.Origin.HANDLER, this, t);
        if (ErrorReporter.isFatal(t)) {
            reactor.fail(t);
        }
        if (source() instanceof TcpListener) {
            set(PAUSE_ACCEPT);
        } else if (!reactor.keepAfterError) {
            end(t, true);
        }
    }

    // ---- keeping what is armed in step with what is wanted, in the turn

    /** What other threads queue: does in the turn whatever the state asks for. */
    @Override
    public void run() {
        clear(UPDATE_QUEUED);
        update();
        tellCloseIfDue(false);
    }

    private void update() {
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

    /** Stops asking for what has been told once, and for what can't come any more. */
    private void absorb(int toldOnce, int condition) {
        if ((toldOnce | condition) == 0) {
            return;
        }
        if ((condition & Readiness.CLOSED) != 0) {
            sourceClosed();
            return;
        }
        int more = toldOnce | (condition & ONCE);
        if ((more & Readiness.ERROR) != 0) {
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
                reactor.errors.report(LoopError.Origin.ACCEPT, this, why);
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

    /** Brings what the poller tells in step with what is wanted. In the turn. */
    void arm() {
        boolean silent = has(DISARMED) || (acceptPause != null && acceptPause.isOn());
        Interest wanted = silent ? Interest.NONE : Interest.ofBits(interest.bits() & ~muted);
        if (wanted == armed || has(ENDED)) {
            return;
        }
        if (key == null) {
            armMissed = true;
        }
        Poller.Key known = key;
        if (known != null) {
            armed = wanted;
            reactor.poller.modify(known, wanted);
        }
    }

    // ---- shutting down and ending

    /** The loop is shutting down. In the turn. */
    void tellShutdown() {
        if (handedRun == null) {
            if (!has(ENDED)) {
                callOnShutdown();
                update();
            }
        } else if (schedule(TELL_SHUTDOWN, TELL_SHUTDOWN)) {
            reactor.handOver(this, handedRun);
        }
    }

    private void closeIfWritten() {
        boolean running = handedRun == null ? readiness != 0 : has(SCHEDULED);
        if (!running && has(CLOSE_WHEN_WRITTEN) && !interest.isWritable()) {
            end(null, true);
        }
    }

    /** Its source has been closed by whomever. In the turn. */
    private void sourceClosed() {
        if (handedRun != null) {
            // A run under way may be about to throw why it was closed, which must not be lost: when it has ended, the
            // update that it queues comes here again.
            if (!schedule(0, DISARMED)) {
                return;
            }
            finish(0);
        }
        end(null, false);
    }

    /** Ends it, once; returns whether this call did. Any thread. */
    boolean end(@Nullable Throwable cause, boolean closeSource) {
        if (!set(ENDED)) {
            return false;
        }
        reactor.registry.release(this);
        Poller.Key known = key;
        if (known != null) {
            reactor.poller.remove(known);
        }
        if (closeSource) {
            try {
                source().close();
            } catch (IOException | RuntimeException e) {
                reactor.errors.report(LoopError.Origin.CLOSE, this, e);
            }
        }
        endCause = cause;
        set(END_READY);
        if (reactor.inLoop()) {
            reactor.endedInTurn(this);
        } else {
            queueUpdate();
        }
        return true;
    }

    /**
     * Tells {@code onClose} if the registration has ended and no run is in progress, once. In the turn; or on any
     * thread when the loop is closed, for then nobody else will.
     */
    void tellCloseIfDue(boolean loopClosed) {
        if (!claimCloseTold()) {
            return;
        }
        if (handedRun != null && !loopClosed) {
            try {
                Objects.requireNonNull(reactor.dispatcher).execute(this::callOnClose);
                return;
            } catch (Throwable t) {
                // the executor takes nothing any more, and the handler must be told all the same: here
            }
        }
        callOnClose();
    }

    private void callOnClose() {
        try {
            handler.onClose(this, endCause);
        } catch (Throwable t) {
            reactor.errors.report(LoopError.Origin.HANDLER, this, t);
        } finally {
            reactor.settled();
        }
    }

    private void queueUpdate() {
        if (set(UPDATE_QUEUED) && !reactor.offer(this)) {
            clear(UPDATE_QUEUED);
            tellCloseIfDue(true);
        }
    }

    // ---- the face

    @Override
    public EventLoop loop() {
        return reactor.loop;
    }

    @Override
    public Registration registration() {
        return this;
    }

    @Override
    public Interest interest() {
        return interest;
    }

    @Override
    public void setInterest(Interest wanted) {
        interest = Objects.requireNonNull(wanted, "interest");
        clear(MUTE_ERROR);
        if (reactor.inLoop()) {
            muted = 0;
            update();
        } else {
            set(UNMUTE);
            queueUpdate();
        }
    }

    @Override
    public boolean isActive() {
        return !has(ENDED);
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
        } else {
            queueUpdate();
        }
    }

    @Override
    public String toString() {
        return "registration " + token() + " of " + source();
    }
}
