package io.millio.net.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

@Name("io.millio.WritePaused")
@Label("Write Paused")
@Description("More is queued than the high watermark: writers have to pause")
@Category({"Mill-IO", "Connections"})
@StackTrace(true)
final class WritePausedEvent extends Event {
    private static final WritePausedEvent PROBE = new WritePausedEvent();

    @Label("Connection")
    @Nullable
    String connection;

    @Label("Queued Bytes")
    @DataAmount
    long queued;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
