package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Syntax;
import io.millio.net.TcpServer;
import io.millio.net.TcpServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** What the server examples do alike: say that they are ready, run, and drain when the process is to end. */
final class Servers {
    private static final Duration DRAIN = Duration.ofSeconds(5);

    /** Longer than both deadlines, which are bounds for the loops only. */
    private static final Duration PATIENCE = Duration.ofSeconds(11);

    // Why a loop failed, if one did: the exit code says so, and a supervisor starts the server anew.
    private static final AtomicReference<@Nullable Throwable> FAILED = new AtomicReference<>();

    private Servers() {}

    /** Declares a server on connections, with the options that all of them have, and options of its own. */
    static Syntax syntax(String name, String description, Option... own) {
        Syntax syntax = new Syntax(name, description);
        AddressOptions.addTo(syntax);
        syntax.add(own);
        EntranceOptions.addTo(syntax);
        NetOptions.addTo(syntax);
        AdminOptions.addTo(syntax);
        return syntax;
    }

    /** Runs a server with these options until the process is to end, and returns the exit code. */
    static int run(Arguments arguments, TcpServerBuilder builder) throws IOException {
        return run(arguments, loops -> builder);
    }

    /** As {@link #run(Arguments, TcpServerBuilder)}, for a server that needs its loops, to make a client for one. */
    static int run(Arguments arguments, Function<EventLoopGroup, TcpServerBuilder> settings) throws IOException {
        NetOptions options = new NetOptions(arguments);
        EntranceOptions entrance = new EntranceOptions(arguments);
        AdminOptions admin = new AdminOptions(arguments);
        SocketAddress address = new AddressOptions(arguments).address();
        try (EventLoopGroup loops = options.openLoops()) {
            TcpServer server = entrance.applyTo(
                            settings.apply(loops).address(address).loops(loops))
                    .start();
            run(options, entrance, admin, loops, server);
        }
        return 0;
    }

    /** Prints the one line of a server that is ready, and runs its loops until the process is to end. */
    static void run(LoopOptions options, AdminOptions admin, EventLoopGroup loops, SocketAddress listening)
            throws IOException {
        run(options.command(), listening, options.describe(loops), admin, loops, exit(loops, DRAIN));
    }

    /** Has the end of the process shut the loops down. */
    static void drainAtExit(EventLoopGroup loops, Duration deadline) {
        Runtime.getRuntime().addShutdownHook(exit(loops, deadline));
    }

    private static Exit exit(EventLoopGroup loops, Duration deadline) {
        return new Exit(loops) {
            @Override
            CompletableFuture<?> drain() {
                return loops.shutdown(deadline);
            }
        };
    }

    /** As {@link #run(LoopOptions, AdminOptions, EventLoopGroup, SocketAddress)}, for a server on connections. */
    static void run(
            NetOptions options, EntranceOptions entrance, AdminOptions admin, EventLoopGroup loops, TcpServer server)
            throws IOException {
        admin.dump(server::dump);
        run(options, entrance, admin, loops, server.localAddress(), server::close);
    }

    /** As above, for whatever else can be drained. */
    static void run(
            NetOptions options,
            EntranceOptions entrance,
            AdminOptions admin,
            EventLoopGroup loops,
            SocketAddress listening,
            Function<Duration, CompletableFuture<Boolean>> drain)
            throws IOException {
        run(options, entrance, admin, loops, listening, "", drain);
    }

    /** As above, with more to say in the ready line. */
    static void run(
            NetOptions options,
            EntranceOptions entrance,
            AdminOptions admin,
            EventLoopGroup loops,
            SocketAddress listening,
            String more,
            Function<Duration, CompletableFuture<Boolean>> drain)
            throws IOException {
        Exit exit = new Exit(loops) {
            @Override
            CompletableFuture<?> drain() {
                return drain.apply(DRAIN)
                        .thenCompose(drained -> loops.shutdown(DRAIN))
                        .thenRun(entrance::end);
            }
        };
        String description = options.describe(loops) + more + entrance.describe();
        run(options.command(), listening, description, admin, loops, exit);
    }

    private static void run(
            String command,
            SocketAddress listening,
            String description,
            AdminOptions adminOptions,
            EventLoopGroup loops,
            Exit exit)
            throws IOException {
        try (AdminServer admin =
                adminOptions.open(loops::dump)) { // first: the hook would make a failure an orderly end
            Runtime.getRuntime().addShutdownHook(exit);
            ready(command, listening, description + (admin == null ? "" : admin.describe()));
            runAll(loops);
        }
    }

    private static void runAll(EventLoopGroup loops) {
        List<EventLoop> all = loops.loops();
        for (EventLoop loop : all.subList(1, all.size())) {
            new Thread(() -> runOne(loop, loops), loop + "-loop").start();
        }
        runOne(all.get(0), loops);
        Throwable failure = FAILED.get();
        if (failure != null) {
            throw new IllegalStateException("a loop failed: " + reason(failure), failure);
        }
    }

    /** If one fails, so does the server: else it would go on with a part of its connections only. */
    private static void runOne(EventLoop loop, EventLoopGroup loops) {
        try {
            loop.run();
        } catch (Throwable t) {
            FAILED.compareAndSet(null, t);
            loops.stop();
        }
    }

    private static void ready(String command, SocketAddress listening, String settings) {
        System.out.println(command + " listening on " + text(listening) + " (" + settings + ")");
        System.out.flush();
    }

    /** An address as {@code 127.0.0.1:8080}. */
    static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            String host = inet.getAddress().getHostAddress();
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
        }
        return String.valueOf(address);
    }

    /** One line for people that says why something failed. */
    static String reason(Throwable failure) {
        if (failure instanceof UnknownHostException) {
            return "unknown host: " + failure.getMessage();
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    /**
     * SIGTERM, Ctrl-C and System.exit run the hooks: this one waits for what is under way, and the process ends as
     * wished, with 0; with 1 if a loop has failed, or a callback is stuck.
     */
    private abstract static class Exit extends Thread {
        private static final String STUCK = "a callback is stuck";

        private final EventLoopGroup loops;

        Exit(EventLoopGroup loops) {
            super("drain");
            this.loops = loops;
        }

        abstract CompletableFuture<?> drain();

        @Override
        public final void run() {
            int code = 1;
            try {
                drain().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                // A shutdown ends at its deadline all the same.
                if (!loops.loops().stream().allMatch(EventLoop::isClosed)) {
                    System.err.println(STUCK);
                } else if (FAILED.get() == null) {
                    code = 0;
                }
            } catch (TimeoutException e) {
                System.err.println(STUCK);
            } catch (Exception e) {
                System.err.println("draining failed: " + e);
            } finally {
                Runtime.getRuntime().halt(code); // a stuck thread would keep the process
            }
        }
    }
}
