package io.millio.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("io.millio.Stall")
@Label("Stall")
@Description("What the watchdog has reported: it still goes on at the time of this event")
@Category({"Mill-IO", "Loop"})
@StackTrace(false)
final class StallEvent extends Event {
    private static final StallEvent PROBE = new StallEvent();

    @Label("Kind")
    @Nullable
    String kind;

    @Label("Loop")
    @Nullable
    String loop;

    @Label("Subject")
    @Nullable
    String subject;

    @Label("Thread")
    @Nullable
    String stalled;

    @Label("Elapsed")
    @Timespan(Timespan.NANOSECONDS)
    long elapsed;

    @Label("Stack")
    @Nullable
    String stack;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
