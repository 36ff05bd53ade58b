package io.millio.jfr;

import io.millio.internal.Texts;
import org.jspecify.annotations.Nullable;

/** Records what loops do, if a flight recording wants it. Any thread. */
public final class LoopRecording {
    /** A turn or run is recorded from this length on. */
    public static final long SLOW_NANOS = 10_000_000;

    private static final boolean PRESENT = isPresent();

    private LoopRecording() {}

    private static boolean isPresent() {
        try {
            // All classes now: later there may be no memory, or no descriptor, to load one that is not wanted at all.
            boolean[] unused = {
                TurnEvent.isWanted(), RunEvent.isWanted(), StallEvent.isWanted(), AcceptPauseEvent.isWanted()
            };
            return true;
        } catch (Throwable t) {
            return false; // the module jdk.jfr is not there; or no memory: else this class could not be used any more
        }
    }

    /** Returns whether turns and runs have to be measured. */
    public static boolean wantsTimes() {
        return PRESENT && (RunEvent.isWanted() || TurnEvent.isWanted());
    }

    /** Records a turn. */
    public static void turn(Object loop, long elapsedNanos, int handled) {
        if (PRESENT && TurnEvent.isWanted()) {
            TurnEvent event = new TurnEvent();
            event.loop = loop.toString();
            event.elapsed = elapsedNanos;
            event.handled = handled;
            event.commit();
        }
    }

    /** Records a run. */
    public static void run(Object loop, Object subject, long elapsedNanos, boolean worker) {
        if (PRESENT && RunEvent.isWanted()) {
            RunEvent event = new RunEvent();
            event.loop = loop.toString();
            event.subject = Texts.of(subject);
            event.elapsed = elapsedNanos;
            event.worker = worker;
            event.commit();
        }
    }

    /** Records a report of the watchdog. */
    public static void stall(
            Object kind,
            @Nullable Object loop,
            @Nullable Object subject,
            @Nullable String thread,
            long elapsedNanos,
            String stack) {
        if (PRESENT && StallEvent.isWanted()) {
            StallEvent event = new StallEvent();
            event.kind = kind.toString();
            event.loop = String.valueOf(loop);
            event.subject = Texts.of(subject);
            event.stalled = thread;
            event.elapsed = elapsedNanos;
            event.stack = stack;
            event.commit();
        }
    }

    /** Records that a listener pauses. */
    public static void acceptPause(Object loop, Object listener) {
        if (PRESENT && AcceptPauseEvent.isWanted()) {
            AcceptPauseEvent event = new AcceptPauseEvent();
            event.loop = loop.toString();
            event.listener = Texts.of(listener);
            event.commit();
        }
    }
}
