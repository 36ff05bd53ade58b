package io.millio.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** How far an answer is, as {@link HttpResponse} draws it. */
abstract class AnswerPhase {
    static final int OPEN = 0;
    static final int SENDING = 1;
    static final int STREAMING = 2;
    static final int ENDED = 3;
    static final int REFUSED = 4;

    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(AnswerPhase.class, "phase", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // By compare-and-set from OPEN: by the thread that answers, or by the loop that refuses the request.
    @SuppressWarnings("unused")
    volatile int phase;

    final boolean isOpen() {
        return phase == OPEN;
    }

    /** Whether the rest of the answer comes without the handler, or has come. */
    final boolean endsByItself() {
        int now = phase;
        return now == SENDING || now == ENDED;
    }

    final boolean takeStart(int to) {
        return PHASE.compareAndSet(this, OPEN, to);
    }

    /** Begins the answer; returns false if the server has refused the request. */
    final boolean begin(int to) {
        if (takeStart(to)) {
            return true;
        }
        if (phase == REFUSED) {
            return false;
        }
        throw new IllegalStateException("the answer has begun");
    }

    /** Returns false if the server has refused the request. */
    final boolean isStreaming() {
        int now = phase;
        if (now != STREAMING && now != REFUSED) {
            throw new IllegalStateException("the answer has " + (now == OPEN ? "not begun" : "ended"));
        }
        return now == STREAMING;
    }

    /** Ends it: the loop that reads this sees what was written before. */
    final void markEnded() {
        PHASE.setRelease(this, ENDED);
    }
}
