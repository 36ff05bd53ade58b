package io.millio.net;

import java.io.IOException;
import java.net.StandardSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * The way out: how a connection ends that is closed, aborted or shut. Any thread wishes for it; what is wished is
 * carried out in the turn, when what was written before has gone.
 */
abstract class ConnectionEnding extends ConnectionInput {
    ConnectionEnding(Residents residents, ConnectionHandler handler) {
        super(residents, handler);
    }

    // ---- any thread

    @Override
    public final void shutdownOutput() {
        if (wishes(CLOSE | SHUT) || (wish(SHUT) & SHUT) != 0) {
            throw new IllegalStateException("output is shut down already: " + this);
        }
        settleSoon();
    }

    @Override
    public final void close() {
        if ((wish(CLOSE) & CLOSE) == 0) {
            settleSoon();
        }
    }

    @Override
    public final void abort() {
        if ((wish(ABORT) & ABORT) == 0) {
            settleSoon();
        }
    }

    // ---- in the turn

    /** Goes as far towards the end that is wished as it can now. */
    final void carryOutEnd() {
        if (is(ENDING) || !wishes(ABORT | CLOSE | SHUT)) {
            return;
        }
        if (wishes(ABORT)) {
            reset(CloseCause.ABORTED, null);
        } else if (!isAllWritten()) {
            if (wishes(CLOSE)) {
                timeouts().closing();
            }
        } else if (wishes(CLOSE)) {
            closeWritten();
        } else if (wishes(SHUT)) {
            if (shutOutput() && is(INPUT_ENDED) && !isFarewellHeld()) {
                end(CloseCause.PEER, null);
            }
        }
    }

    /** Whether the end that the protocol has is said but not yet taken by the system: then it is settled again. */
    private boolean isFarewellHeld() {
        if (!wire.holdsOutput()) {
            return false;
        }
        state |= BLOCKED;
        return true;
    }

    /**
     * All is written. A close with bytes unread would be a reset, which may take from the peer what was sent last: so
     * if there are any, the peer is told the end, and what it sends is read and forgotten until it closes or the close
     * timeout comes.
     */
    private void closeWritten() {
        boolean found = discard();
        if (wire.hasFarewell() && !is(ENDING) && (!sayFarewell() || isFarewellHeld())) {
            timeouts().closing();
            return;
        }
        if (is(INPUT_ENDED | ENDING) || !(found || is(LINGERING))) {
            end(is(INPUT_ENDED) ? CloseCause.PEER : CloseCause.LOCAL, null);
        } else if (!is(LINGERING) && shutOutput()) {
            state |= LINGERING;
            timeouts().closing();
        }
    }

    /** False if it has ended instead: a peer that has gone already misses nothing. */
    private boolean sayFarewell() {
        if (!is(OUTPUT_SHUT)) {
            state |= OUTPUT_SHUT;
            try {
                wire.shutdownOutput(stream());
            } catch (IOException e) {
                end(is(INPUT_ENDED) ? CloseCause.PEER : CloseCause.LOCAL, null);
                return false;
            }
        }
        return true;
    }

    private boolean shutOutput() {
        if (!is(OUTPUT_SHUT)) {
            state |= OUTPUT_SHUT;
            try {
                wire.shutdownOutput(stream());
            } catch (IOException e) {
                end(CloseCause.FAILED, e);
                return false;
            }
        }
        return true;
    }

    /** The peer has not taken the rest in time, or has not closed its side. In the turn. */
    final void closeTimedOut() {
        if (is(LINGERING)) {
            end(CloseCause.LOCAL, null);
        } else {
            reset(CloseCause.CLOSE_TIMEOUT, null);
        }
    }

    /** Ends it with a reset, where the protocol has one. In the turn. */
    final void reset(CloseCause why, @Nullable Throwable exception) {
        try {
            if (stream().supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
                stream().setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            // It is gone already; then the end that follows is all there is to do.
        }
        end(why, exception);
    }

    final Timeouts timeouts() {
        Timeouts known = timeouts;
        if (known == null) {
            known = new Timeouts(self());
            timeouts = known;
        }
        return known;
    }
}
