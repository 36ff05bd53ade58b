package io.millio.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("io.millio.Turn")
@Label("Loop Turn")
@Description("A turn of an event loop that took 10 ms or more, without its sleep")
@Category({"Mill-IO", "Loop"})
@StackTrace(false)
final class TurnEvent extends Event {
    private static final TurnEvent PROBE = new TurnEvent();

    @Label("Loop")
    @Nullable
    String loop;

    @Label("Elapsed")
    @Timespan(Timespan.NANOSECONDS)
    long elapsed;

    @Label("Handled")
    @Description("Events, timers and tasks")
    int handled;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
