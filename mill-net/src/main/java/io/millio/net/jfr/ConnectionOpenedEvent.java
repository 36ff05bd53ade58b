package io.millio.net.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

@Name("io.millio.ConnectionOpened")
@Label("Connection Opened")
@Description("A connection has opened, with the first callback of its handler to follow")
@Category({"Mill-IO", "Connections"})
@StackTrace(false)
final class ConnectionOpenedEvent extends Event {
    private static final ConnectionOpenedEvent PROBE = new ConnectionOpenedEvent();

    @Label("Loop")
    @Nullable
    String loop;

    @Label("Local Address")
    @Nullable
    String local;

    @Label("Remote Address")
    @Nullable
    String remote;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
