package io.millio;

import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.Token;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A registration: its state, its runs, and its end. It is its own event, and the task that other threads queue for the loop to
 * bring it up to date.
 *
 * <p>With direct dispatch a run is a call in the turn. With an executor it goes through the state word:
 *
 * <pre>
 *            event: hand over                     event: disarm (lazily, only now)
 *   idle ---------------------&gt; SCHEDULED ---------------------------&gt; SCHEDULED + DISARMED
 *     ^                             |                                          |
 *     +------- run has ended -------+        +---- run has ended: queue an ----+
 *     +--------------------------------------+     update, which arms again
 * </pre>
 *
 * ENDED stops runs from starting; END_READY, set once the source is removed and the cause is known, lets {@code onClose} be
 * told as soon as no run is in progress; CLOSE_TOLD is set by whoever tells it.
 */
final class SourceRegistration implements Registration, Event, Runnable {
    private static final int SCHEDULED = 1;
    private static final int DISARMED = 1 << 1;
    private static final int ENDED = 1 << 2;
    private static final int END_READY = 1 << 3;
    private static final int CLOSE_TOLD = 1 << 4;
    private static final int UPDATE_QUEUED = 1 << 5;
    private static final int UNMUTE = 1 << 6;
    private static final int PAUSE_ACCEPT = 1 << 7;
    private static final int TELL_SHUTDOWN = 1 << 8;
    private static final int CLOSE_WHEN_WRITTEN = 1 << 9;

    /** What is told once and not again until {@link #setInterest}. */
    private static final int ONCE = Readiness.READ_CLOSED | Readiness.WRITE_CLOSED | Readiness.ERROR;

    private static final int EVERYTHING = ONCE | Readiness.READABLE | Readiness.WRITABLE;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(SourceRegistration.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Reactor reactor;
    private final Source source;
    private final Token token;
    private final EventHandler handler;
    private final @Nullable Runnable handedRun; // null with direct dispatch

    // Written by the registry before this is findable, never after.
    long id;

    // Any thread, by atomic or, and, and compare-and-set.
    private volatile int state;

    // Volatile: written by whoever calls setInterest, read in the turn.
    private volatile Interest interest;

    // Volatile, both: the thread that registers writes the key and then looks at armMissed; the loop, which may have an event
    // before that, writes armMissed and then looks at the key again.
    private volatile Poller.@Nullable Key key;
    private volatile boolean armMissed;

    // Written before END_READY is set, read after it was seen.
    private @Nullable Throwable endCause;

    // What the run that is in progress was called for; 0 when none is. With an executor its execute() orders the write before the run, and the
    // state word the end of a run before the next write.
    private int readiness;

    // The last condition that a handed run reported; ordered as readiness is.
    private int reportedCondition;

    // The loop's turn only.
    private int muted;
    private Interest armed;
    private @Nullable AcceptPause acceptPause;

    SourceRegistration(Reactor reactor, Source source, Token token, Interest interest, EventHandler handler) {
        this.reactor = reactor;
        this.source = source;
        this.token = token;
        this.interest = interest;
        this.armed = interest;
        this.handler = handler;
        this.handedRun = reactor.dispatcher == null ? null : this::runHanded;
    }

    // ---- registering, on the registering thread

    /** The poller has it. */
    void added(Poller.Key byPoller) {
        key = byPoller;
        if ((state & ENDED) != 0) {
            reactor.poller.remove(byPoller);
        } else if (armMissed) {
            queueUpdate();
        }
    }

    /** The poller refused it: as if it had never been; returns whether this thread must take it out of the registry. */
    boolean abandon() {
        return (or(ENDED | END_READY | CLOSE_TOLD) & ENDED) == 0;
    }

    // ---- events, in the turn

    /** The poller has told an event. In the turn. */
    void onReady(int ready) {
        if ((ready & Readiness.CLOSED) != 0) {
            end(null, false);
        } else if (handedRun == null) {
            runDirect(ready);
        } else {
            hand(ready, handedRun);
        }
    }

    private void runDirect(int ready) {
        int told = wanted(ready);
        if (told == 0 || (state & ENDED) != 0) {
            return;
        }
        readiness = told;
        reactor.eventsHandled++;
        callHandler();
        readiness = 0;
        absorb(told & ONCE, source.condition());
        if ((state & (CLOSE_WHEN_WRITTEN | PAUSE_ACCEPT)) != 0) {
            update();
        }
    }

    private void hand(int ready, Runnable run) {
        absorb(0, source.condition());
        int told = wanted(ready);
        if (told == 0 || !schedule(0, DISARMED)) {
            return;
        }
        readiness = told;
        reactor.eventsHandled++;
        absorb(told & ONCE, 0);
        submit(run);
    }

    private int wanted(int ready) {
        return ready & (interest.bits() | ONCE) & ~muted;
    }

    /** Takes the right to the next run; while one is in progress, sets ifBusy instead and arms anew. In the turn. */
    private boolean schedule(int withRun, int ifBusy) {
        while (true) {
            int s = state;
            if ((s & ENDED) != 0) {
                return false;
            }
            if ((s & SCHEDULED) == 0) {
                if (STATE.compareAndSet(this, s, s | SCHEDULED | withRun)) {
                    return true;
                }
            } else if (STATE.compareAndSet(this, s, s | ifBusy)) {
                arm();
                return false;
            }
        }
    }

    private void submit(Runnable run) {
        try {
            Objects.requireNonNull(reactor.dispatcher).execute(run);
        } catch (Throwable t) { // rejected; or no thread could be made
            and(~SCHEDULED);
            reactor.errors.report(LoopError.Origin.DISPATCH, this, t);
            end(t, true);
        }
    }

    // ---- a run on the executor

    private void runHanded() {
        if (readiness != 0 && (state & ENDED) == 0) {
            callHandler();
        }
        readiness = 0;
        int condition = source.condition();
        boolean changed = condition != reportedCondition || (condition & Readiness.EXHAUSTED) != 0;
        reportedCondition = condition;
        int before = finishHanded();
        if (changed || (before & (DISARMED | END_READY | CLOSE_WHEN_WRITTEN | PAUSE_ACCEPT)) != 0) {
            queueUpdate();
        }
    }

    private int finishHanded() {
        while (true) {
            int s = state;
            if ((s & TELL_SHUTDOWN) != 0) {
                and(~TELL_SHUTDOWN);
                if ((s & ENDED) == 0) {
                    callOnShutdown();
                }
            } else if (STATE.compareAndSet(this, s, s & ~(SCHEDULED | DISARMED))) {
                return s;
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
        if (t instanceof ClosedChannelException && ((state & ENDED) != 0 || !source.isOpen())) {
            return; // it was closed under the handler's hands, which is anybody's right
        }
        reactor.errors.report(LoopError.Origin.HANDLER, this, t);
        if (ErrorReporter.isFatal(t)) {
            reactor.fail(t);
        }
        if (source instanceof TcpListener) {
            or(PAUSE_ACCEPT);
        } else if (!reactor.keepAfterError) {
            end(t, true);
        }
    }

    // ---- keeping what is armed in step with what is wanted, in the turn

    /** What other threads queue: does in the turn whatever the state asks for. */
    @Override
    public void run() {
        and(~UPDATE_QUEUED);
        update();
        tellCloseIfDue(false);
    }

    private void update() {
        if ((state & ENDED) != 0) {
            return;
        }
        if ((state & UNMUTE) != 0) {
            and(~UNMUTE);
            muted = 0;
        }
        absorb(0, source.condition());
        if ((state & PAUSE_ACCEPT) != 0) {
            and(~PAUSE_ACCEPT);
            pauseAccept();
        }
        arm();
        closeIfWritten();
    }

    /** Stops asking for what has been told once, and for what can't come any more. */
    private void absorb(int toldOnce, int condition) {
        if ((toldOnce | condition) == 0) {
            return;
        }
        if ((condition & Readiness.CLOSED) != 0) {
            end(null, false);
            return;
        }
        int more = toldOnce | condition & ONCE;
        if ((more & Readiness.ERROR) != 0) {
            more = EVERYTHING;
        } else if ((condition & Readiness.READ_CLOSED) != 0) {
            more |= Readiness.READABLE;
        }
        if ((more & ~muted) != 0) {
            muted |= more;
            arm();
        }
        if ((condition & Readiness.EXHAUSTED) != 0 && source instanceof TcpListener listener) {
            IOException why = listener.takeAcceptError();
            if (why != null) {
                reactor.errors.report(LoopError.Origin.ACCEPT, this, why);
                pauseAccept();
            }
        }
    }

    private void pauseAccept() {
        AcceptPause pause = acceptPause;
        if (pause == null) {
            pause = new AcceptPause(reactor, this::arm);
            acceptPause = pause;
        }
        pause.begin();
        arm();
    }

    private void arm() {
        boolean silent = (state & DISARMED) != 0 || (acceptPause != null && acceptPause.isOn());
        Interest wanted = silent ? Interest.NONE : Interest.ofBits(interest.bits() & ~muted);
        if (wanted == armed || (state & ENDED) != 0) {
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
            if ((state & ENDED) == 0) {
                callOnShutdown();
                update();
            }
        } else if (schedule(TELL_SHUTDOWN, TELL_SHUTDOWN)) {
            submit(handedRun);
        }
    }

    private void closeIfWritten() {
        boolean running = handedRun == null ? readiness != 0 : (state & SCHEDULED) != 0;
        if (!running && (state & CLOSE_WHEN_WRITTEN) != 0 && !interest.isWritable()) {
            end(null, true);
        }
    }

    /** Ends it, once; returns whether this call did. Any thread. */
    boolean end(@Nullable Throwable cause, boolean closeSource) {
        if ((or(ENDED) & ENDED) != 0) {
            return false;
        }
        reactor.registry.release(this);
        Poller.Key known = key;
        if (known != null) {
            reactor.poller.remove(known);
        }
        if (closeSource) {
            try {
                source.close();
            } catch (IOException | RuntimeException e) {
                reactor.errors.report(LoopError.Origin.CLOSE, this, e);
            }
        }
        endCause = cause;
        or(END_READY);
        if (reactor.inLoop()) {
            reactor.endedInTurn(this);
        } else {
            queueUpdate();
        }
        return true;
    }

    /**
     * Tells {@code onClose} if the registration has ended and no run is in progress, once. In the turn; or on any thread when
     * the loop is closed, for then nobody else will.
     */
    void tellCloseIfDue(boolean loopClosed) {
        while (true) {
            int s = state;
            if ((s & END_READY) == 0 || (s & (SCHEDULED | CLOSE_TOLD)) != 0) {
                return;
            }
            if (STATE.compareAndSet(this, s, s | CLOSE_TOLD)) {
                break;
            }
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
        if ((or(UPDATE_QUEUED) & UPDATE_QUEUED) == 0 && !reactor.offer(this)) {
            and(~UPDATE_QUEUED);
            tellCloseIfDue(true);
        }
    }

    private int or(int bits) {
        return (int) STATE.getAndBitwiseOr(this, bits);
    }

    private void and(int bits) {
        STATE.getAndBitwiseAnd(this, bits);
    }

    // ---- the two faces

    @Override
    public Token token() {
        return token;
    }

    @Override
    public Source source() {
        return source;
    }

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
        if (reactor.inLoop()) {
            muted = 0;
            update();
        } else {
            or(UNMUTE);
            queueUpdate();
        }
    }

    @Override
    public boolean isActive() {
        return (state & ENDED) == 0;
    }

    @Override
    public void deregister() {
        if (!end(null, false)) {
            throw new IllegalStateException("token: " + token + " is not registered any more, for " + source);
        }
    }

    @Override
    public void close() {
        end(null, true);
    }

    @Override
    public void closeWhenWritten() {
        or(CLOSE_WHEN_WRITTEN);
        if (reactor.inLoop()) {
            closeIfWritten();
        } else {
            queueUpdate();
        }
    }

    @Override
    public boolean isReadable() {
        return (readiness & Readiness.READABLE) != 0;
    }

    @Override
    public boolean isWritable() {
        return (readiness & Readiness.WRITABLE) != 0;
    }

    @Override
    public boolean isReadClosed() {
        return (readiness & Readiness.READ_CLOSED) != 0;
    }

    @Override
    public boolean isWriteClosed() {
        return (readiness & Readiness.WRITE_CLOSED) != 0;
    }

    @Override
    public boolean isError() {
        return (readiness & Readiness.ERROR) != 0;
    }

    @Override
    public String toString() {
        return "registration " + token + " of " + source;
    }
}
