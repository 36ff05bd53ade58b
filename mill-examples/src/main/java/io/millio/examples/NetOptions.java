package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.transport.Transport;
import java.time.Duration;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** The options that every example on connections has for its loops: handlers of connections always run in the turn. */
final class NetOptions {
    private static final int DEFAULT_LOOPS = 1;

    private static final Option TRANSPORT =
            Declare.value("transport", "Transport, nio for one (default: the best there is).");
    private static final Option LOOPS = Declare.value("loops", "Event loops (default " + DEFAULT_LOOPS + ").");

    private static final Option OBSERVE = Declare.flag(
            "observe", "Measures how long work takes, and reports what holds a loop for longer than a second.");

    private final String command;
    private final @Nullable String transport;
    private final int loops;
    private final boolean observe;

    NetOptions(Arguments arguments) {
        command = arguments.program();
        transport = arguments.textOf(TRANSPORT);
        loops = arguments.intOf(LOOPS, DEFAULT_LOOPS, 1, Integer.MAX_VALUE);
        observe = arguments.has(OBSERVE);
    }

    static void addTo(Syntax syntax) {
        syntax.add(TRANSPORT, LOOPS, OBSERVE);
    }

    /** Opens the loops; the caller closes them. */
    EventLoopGroup openLoops() {
        return openLoops(false);
    }

    /** Opens loops that may measure how long their work takes. */
    EventLoopGroup openLoops(boolean measureTimes) {
        EventLoopBuilder builder = EventLoop.builder().direct().noPollTimeout().measureTimes(observe || measureTimes);
        if (observe) {
            builder.watchdog(Duration.ofSeconds(1));
        }
        if (transport != null) {
            builder.transport(Transport.named(transport));
        }
        return builder.buildGroup(loops);
    }

    /** What the ready line says of the settings. */
    String describe(EventLoopGroup group) {
        return "transport " + group.loops().get(0).transport().name() + (loops > 1 ? ", loops " + loops : "");
    }

    /** Whether what the loops do is measured and watched. */
    boolean observe() {
        return observe;
    }

    /** The name of the example. */
    String command() {
        return command;
    }
}
