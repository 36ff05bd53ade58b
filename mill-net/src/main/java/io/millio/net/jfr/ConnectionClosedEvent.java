package io.millio.net.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("io.millio.ConnectionClosed")
@Label("Connection Closed")
@Description("A connection that had opened has ended")
@Category({"Mill-IO", "Connections"})
@StackTrace(false)
final class ConnectionClosedEvent extends Event {
    private static final ConnectionClosedEvent PROBE = new ConnectionClosedEvent();

    @Label("Loop")
    @Nullable
    String loop;

    @Label("Local Address")
    @Nullable
    String local;

    @Label("Remote Address")
    @Nullable
    String remote;

    @Label("Cause")
    @Nullable
    String cause;

    @Label("Bytes Read")
    @DataAmount
    long bytesRead;

    @Label("Bytes Written")
    @DataAmount
    long bytesWritten;

    @Label("Age")
    @Timespan(Timespan.NANOSECONDS)
    long age;

    @Label("Failure")
    @Nullable
    String failure;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
