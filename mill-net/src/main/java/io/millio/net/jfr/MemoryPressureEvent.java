package io.millio.net.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

@Name("io.millio.MemoryPressure")
@Label("Memory Pressure")
@Description("The connections of a memory budget use so much that another level of defence begins, or ends")
@Category({"Mill-IO", "Connections"})
@StackTrace(false)
final class MemoryPressureEvent extends Event {
    private static final MemoryPressureEvent PROBE = new MemoryPressureEvent();

    @Label("From Level")
    @Nullable
    String from;

    @Label("To Level")
    @Nullable
    String to;

    @Label("Used Bytes")
    @DataAmount
    long used;

    @Label("Maximum Bytes")
    @DataAmount
    long max;

    @Label("Connections")
    int connections;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
