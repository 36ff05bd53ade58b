package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.task.Queues;
import io.millio.transport.Transport;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that every server example has for its loops. */
final class LoopOptions {
    /** Where handlers run. */
    enum Dispatch {
        DIRECT,
        WORKERS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--transport", description = "Transport, epoll or nio (default: the best there is).")
    private @Nullable String transport;

    @Option(
            names = "--dispatch",
            defaultValue = "workers",
            description =
                    "Where handlers run: on worker threads, or direct, on the loop's own (default ${DEFAULT-VALUE}).")
    private Dispatch dispatch;

    @Option(names = "--workers", defaultValue = "4", description = "Worker threads (default ${DEFAULT-VALUE}).")
    private int workers;

    @Option(
            names = "--queues",
            defaultValue = "shared",
            description =
                    "How events wait for workers: in one shared queue, or one per-worker (default ${DEFAULT-VALUE}).",
            converter = QueuesConverter.class)
    private Queues queues;

    @Option(names = "--loops", defaultValue = "1", description = "Event loops (default ${DEFAULT-VALUE}).")
    private int loops;

    @Option(names = "--help", usageHelp = true, description = "Shows this.")
    @SuppressWarnings("UnusedVariable") // picocli looks at the option itself
    private boolean help;

    /** Opens the loops; the caller closes them. */
    EventLoopGroup openLoops() {
        if (loops < 1) {
            throw wrong("--loops: " + loops + " is less than 1");
        }
        if (workers < 1) {
            throw wrong("--workers: " + workers + " is less than 1");
        }
        EventLoopBuilder builder = EventLoop.builder();
        if (transport != null) {
            builder.transport(Transport.named(transport));
        }
        if (dispatch == Dispatch.DIRECT) {
            builder.direct();
        } else {
            builder.workers(workers).workerQueues(queues);
        }
        return builder.buildGroup(loops);
    }

    /** What the ready line says of the settings. */
    String describe(EventLoopGroup group) {
        return "transport " + group.loops().get(0).transport().name() + ", dispatch " + dispatch
                + (dispatch == Dispatch.WORKERS ? ", workers " + workers : "")
                + (loops > 1 ? ", loops " + loops : "");
    }

    /** Makes {@code per-worker} the constant that it means. */
    static final class QueuesConverter implements CommandLine.ITypeConverter<Queues> {
        @Override
        public Queues convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "shared" -> Queues.SHARED;
                case "per-worker" -> Queues.PER_WORKER;
                default -> throw new CommandLine.TypeConversionException("'" + value + "' is not shared or per-worker");
            };
        }
    }

    String command() {
        return spec.name();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine() == null ? new CommandLine(spec) : spec.commandLine(), message);
    }
}
