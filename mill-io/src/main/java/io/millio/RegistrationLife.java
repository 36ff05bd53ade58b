package io.millio;

import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Source;
import io.millio.transport.Token;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * How a registration begins and ends. Whatever throws on the way, it is registered or not, it ends once, and
 * {@code onClose} is called once. A superclass rather than a field, so that a connection is one object less.
 */
abstract class RegistrationLife extends CurrentEvent {
    final EventHandler handler;

    // Volatile: the registering thread writes it and then looks at the state; the loop, which may have an event before
    // that, changes the state and then reads it.
    volatile Poller.@Nullable Key key;

    // Written before END_READY is set, read after it was seen.
    private @Nullable Throwable endCause;

    RegistrationLife(Reactor reactor, Source source, Token token, Interest interest, EventHandler handler) {
        super(reactor, source, token, interest);
        this.handler = handler;
    }

    @Override
    public final EventHandler handler() {
        return handler;
    }

    /** Returns whether its callbacks run on the executor, and not in the turn. */
    final boolean usesWorkers() {
        return reactor.workers != null && !(handler instanceof TurnHandler);
    }

    // ---- registering, on the registering thread

    /** The poller has added the source. Returns false if the loop has refused the registration meanwhile. */
    final boolean added(Poller.Key byPoller) {
        boolean handled = !has(OPENING); // by a handler that could not arm or remove what had no key yet
        key = byPoller;
        handled |= !has(OPENING);
        if (!open() && has(OPENING)) {
            reactor.poller.remove(byPoller);
            return false;
        }
        if (has(ENDED)) {
            reactor.poller.remove(byPoller);
        } else if (handled) {
            queueUpdate();
        }
        return true;
    }

    /** Undoes a registration that could not be completed; returns false if it stands, since callbacks have run. */
    final boolean abandon(Poller.@Nullable Key byPoller) {
        if (!refuse() && !has(OPENING)) {
            added(Objects.requireNonNull(byPoller)); // again: it may have failed half-way
            return false;
        }
        try {
            if (byPoller != null) {
                reactor.poller.remove(byPoller);
            }
        } finally {
            reactor.settled();
        }
        return true;
    }

    /** Refuses it if it is still opening: no callback has run, and none will. Any thread. */
    final boolean refuse() {
        final boolean refused = claimRefusal();
        if (refused) {
            boolean released = false;
            try {
                reactor.registry.release(this);
                released = true;
            } finally {
                if (!released) {
                    set(RETRY_DETACH);
                    queueUpdate();
                }
            }
        }
        return refused;
    }
    // ---- ending

    /**
     * Ends it, once; returns whether this call did. Any thread. Throws nothing: after the first step each following one
     * is done whatever the others throw, and the last, which makes {@code onClose} due, needs no memory.
     */
    final boolean end(@Nullable Throwable cause, boolean closeSource) {
        if (!claimEnd(closeSource)) {
            return false;
        }
        endCause = cause;
        boolean detached = false;
        try {
            detach();
            detached = true;
        } catch (Throwable t) {
            reactor.report(LoopError.Origin.CLOSE, this, t);
        } finally {
            int ready = detached ? END_READY : END_READY | RETRY_DETACH;
            boolean queued = false;
            try {
                queueUpdate(ready);
                queued = true;
            } finally {
                if (!queued) {
                    queueUpdate(ready); // the stack was full: nothing else would queue it
                }
            }
        }
        return true;
    }

    private void queueUpdate(int with) {
        set(with);
        queueUpdate();
    }

    /** Gives back what the registration holds. What has been done already is not done again. */
    final void detach() {
        try {
            reactor.registry.release(this);
        } finally {
            try {
                Poller.Key known = key;
                if (known != null) {
                    reactor.poller.remove(known);
                }
            } finally {
                if (has(CLOSE_SOURCE)) {
                    closeSource();
                }
            }
        }
    }

    private void closeSource() {
        try {
            source().close();
        } catch (IOException e) {
            reactor.report(LoopError.Origin.CLOSE, this, e); // closed all the same
        }
    }

    /**
     * Calls {@code onClose} once, if the registration has ended and no run is in progress. In the turn; on any thread
     * when the loop is closed, since there is no turn any more.
     */
    final void notifyClose(boolean loopClosed) {
        if (!claimClose()) {
            return;
        }
        boolean passedOn = false;
        try {
            passedOn = usesWorkers() && !loopClosed && executeOnClose();
            if (!passedOn && loopClosed) {
                callOnClose();
                passedOn = true;
            } else if (!passedOn) {
                reactor.turn.run.begin(this);
                callOnClose();
                passedOn = true;
                reactor.turn.run.end();
            }
        } finally {
            if (!passedOn) {
                clear(CLOSE_CLAIMED); // it is due still
            }
        }
    }

    private boolean executeOnClose() {
        try {
            Objects.requireNonNull(reactor.executor).execute(this::callOnClose);
            return true;
        } catch (RejectedExecutionException e) {
            return false; // the executor accepts no more, and the handler is called all the same: in the turn
        } catch (Throwable t) {
            reactor.report(LoopError.Origin.DISPATCH, this, t);
            return false;
        }
    }

    private void callOnClose() {
        if (!set(CLOSE_CALLED)) {
            return; // the executor has thrown after it had accepted the call
        }
        try {
            handler.onClose(this, endCause);
        } catch (Throwable t) {
            reactor.report(LoopError.Origin.HANDLER, this, t);
        } finally {
            reactor.settled();
        }
    }

    final void queueUpdate() {
        if (!reactor.queueUpdate(this)) {
            notifyClose(true);
        }
    }
}
