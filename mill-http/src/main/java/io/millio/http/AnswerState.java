package io.millio.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The phase of an answer, as drawn at {@link HttpResponse}. It leaves OPEN by a compare-and-set, of the thread that
 * answers or of the loop that refuses the request. Methods may be called by any thread.
 */
abstract class AnswerState {
    static final int OPEN = 0;
    static final int SENDING = 1;
    static final int STREAMING = 2;
    static final int ENDED = 3;
    static final int REFUSED = 4;

    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(AnswerState.class, "phase", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // by the handle
    private volatile int phase;

    final int phase() {
        return phase;
    }

    final boolean isOpen() {
        return phase == OPEN;
    }

    /** Returns whether the rest of the answer comes without the handler, or has come. */
    final boolean endsByItself() {
        int now = phase;
        return now == SENDING || now == ENDED;
    }

    /** Returns whether the answer has not begun; false if it never will, as the server has refused the request. */
    final boolean isUnbegun() {
        int now = phase;
        if (now == OPEN) {
            return true;
        }
        if (now == REFUSED) {
            return false;
        }
        throw new IllegalStateException("the answer has begun");
    }

    final boolean takeStart(int to) {
        return PHASE.compareAndSet(this, OPEN, to);
    }

    /** Begins the answer with a step, unless the server has refused the request. */
    final void begin(int to, Runnable step) {
        if (takeStart(to)) {
            boolean done = false;
            try {
                step.run();
                done = true;
            } finally {
                abortUnless(done);
            }
        } else if (phase != REFUSED) {
            throw new IllegalStateException("the answer has begun");
        }
    }

    /** Ends the connection after a failure behind which no callback would end the answer. */
    abstract void abortUnless(boolean done);

    /** Returns false if the server has refused the request. */
    final boolean isStreaming() {
        int now = phase;
        if (now != STREAMING && now != REFUSED) {
            throw new IllegalStateException("the answer has " + (now == OPEN ? "not begun" : "ended"));
        }
        return now == STREAMING;
    }

    /** Ends the answer; a thread that sees this sees what was written before. */
    final void markEnded() {
        PHASE.setRelease(this, ENDED);
    }

    /** Makes calls do nothing from now on, as another answers; returns false if the answer has begun. Loop only. */
    boolean markRefused() {
        return takeStart(REFUSED);
    }
}
