package io.millio.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

@Name("io.millio.AcceptPause")
@Label("Accept Pause")
@Description("A listener could not accept, and waits before it tries again")
@Category({"Mill-IO", "Loop"})
@StackTrace(false)
final class AcceptPauseEvent extends Event {
    private static final AcceptPauseEvent PROBE = new AcceptPauseEvent();

    @Label("Loop")
    @Nullable
    String loop;

    @Label("Listener")
    @Nullable
    String listener;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
