package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.transport.Transport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that every example on connections has for its loops: handlers of connections always run in the turn. */
final class NetOptions {
    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--transport", description = "Transport, nio for one (default: the best there is).")
    private @Nullable String transport;

    @Option(names = "--loops", defaultValue = "1", description = "Event loops (default ${DEFAULT-VALUE}).")
    private int loops;

    @Option(names = "--help", usageHelp = true, description = "Shows this.")
    @SuppressWarnings("UnusedVariable") // picocli looks at the option itself
    private boolean help;

    /** Opens the loops; the caller closes them. */
    EventLoopGroup openLoops() {
        atLeast(1, loops, "--loops");
        EventLoopBuilder builder = EventLoop.builder().direct();
        if (transport != null) {
            builder.transport(Transport.named(transport));
        }
        return builder.buildGroup(loops);
    }

    /** What the ready line says of the settings. */
    String describe(EventLoopGroup group) {
        return "transport " + group.loops().get(0).transport().name() + (loops > 1 ? ", loops " + loops : "");
    }

    String command() {
        return spec.name();
    }

    /** Refuses a value of an option that is too small. */
    void atLeast(long least, long value, String option) {
        if (value < least) {
            throw new ParameterException(spec.commandLine(), option + ": " + value + " is less than " + least);
        }
    }

    /** Refuses a value of an option that is too small or too large. */
    void between(long least, long value, long most, String option) {
        if (value < least || value > most) {
            throw new ParameterException(
                    spec.commandLine(), option + ": " + value + " is not between " + least + " and " + most);
        }
    }

    /** Refuses a port that is none. */
    int port(int value, String option) {
        between(1, value, 65535, option);
        return value;
    }
}
