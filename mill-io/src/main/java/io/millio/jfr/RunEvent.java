package io.millio.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("io.millio.Run")
@Label("Handler Run")
@Description("A callback, task or timer that took 10 ms or more, in the turn or on a worker")
@Category({"Mill-IO", "Loop"})
@StackTrace(false)
final class RunEvent extends Event {
    private static final RunEvent PROBE = new RunEvent();

    @Label("Loop")
    @Nullable
    String loop;

    @Label("Subject")
    @Description("The connection, registration, task or timer")
    @Nullable
    String subject;

    @Label("Elapsed")
    @Timespan(Timespan.NANOSECONDS)
    long elapsed;

    @Label("On Worker")
    boolean worker;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
