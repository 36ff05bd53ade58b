package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.transport.Transport;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that every server example has. */
final class ServerOptions {
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

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default ${DEFAULT-VALUE}).")
    private String host;

    @Option(names = "--port", defaultValue = "0", description = "Port to listen on (default 0: any free one).")
    private int port;

    @Option(names = "--transport", description = "Transport, nio for one (default: the best there is).")
    private @Nullable String transport;

    @Option(
            names = "--dispatch",
            defaultValue = "workers",
            description =
                    "Where handlers run: on worker threads, or direct, on the loop's own (default ${DEFAULT-VALUE}).")
    private Dispatch dispatch;

    @Option(names = "--workers", defaultValue = "4", description = "Worker threads a loop (default ${DEFAULT-VALUE}).")
    private int workers;

    @Option(names = "--loops", defaultValue = "1", description = "Event loops (default ${DEFAULT-VALUE}).")
    private int loops;

    @Option(names = "--help", usageHelp = true, description = "Shows this.")
    @SuppressWarnings("UnusedVariable") // picocli looks at the option itself
    private boolean help;

    /** The address to listen on; an unknown host fails where it is used. */
    InetSocketAddress address() {
        if (port < 0 || port > 65535) {
            throw wrong("--port: " + port + " is not between 0 and 65535");
        }
        return new InetSocketAddress(host, port);
    }

    /** Opens the loops; the caller closes them. */
    List<EventLoop> openLoops() {
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
            builder.workers(workers);
        }
        List<EventLoop> opened = new ArrayList<>();
        for (int i = 0; i < loops; i++) {
            opened.add(builder.build());
        }
        return opened;
    }

    /** What the ready line says of the settings. */
    String describe(EventLoop loop) {
        return "transport " + loop.transport().name() + ", dispatch " + dispatch
                + (dispatch == Dispatch.WORKERS ? ", workers " + workers : "")
                + (loops > 1 ? ", loops " + loops : "");
    }

    String command() {
        return spec.name();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine() == null ? new CommandLine(spec) : spec.commandLine(), message);
    }
}
