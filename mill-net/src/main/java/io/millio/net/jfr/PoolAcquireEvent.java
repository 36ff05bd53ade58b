package io.millio.net.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("io.millio.PoolAcquire")
@Label("Pool Acquire")
@Description("A request for a connection of a pool that waited for 10 ms or more")
@Category({"Mill-IO", "Connections"})
@StackTrace(false)
final class PoolAcquireEvent extends Event {
    private static final PoolAcquireEvent PROBE = new PoolAcquireEvent();

    @Label("Endpoint")
    @Nullable
    String endpoint;

    @Label("Elapsed")
    @Timespan(Timespan.NANOSECONDS)
    long elapsed;

    @Label("Outcome")
    @Description("acquired, cancelled, or the failure")
    @Nullable
    String outcome;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
