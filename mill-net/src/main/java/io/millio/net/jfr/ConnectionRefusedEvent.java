package io.millio.net.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

@Name("io.millio.ConnectionRefused")
@Label("Connection Refused")
@Description("A connection was accepted and has never opened")
@Category({"Mill-IO", "Connections"})
@StackTrace(false)
final class ConnectionRefusedEvent extends Event {
    private static final ConnectionRefusedEvent PROBE = new ConnectionRefusedEvent();

    @Label("Remote Address")
    @Nullable
    String remote;

    @Label("Reason")
    @Nullable
    String reason;

    @Label("Failure")
    @Nullable
    String failure;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
