package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.net.TcpServer;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** What the server examples do alike: say that they are ready, run, and drain when they are told to go. */
final class Servers {
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private Servers() {}

    /** Prints the one line of a server that is ready, and runs its loops until the process is told to end. */
    static void run(LoopOptions options, EventLoopGroup loops, SocketAddress listening) {
        Runtime.getRuntime().addShutdownHook(new Exit() {
            @Override
            void drain() {
                loops.shutdown(DRAIN).join();
            }
        });
        ready(options.command(), listening, options.describe(loops));
        runAll(loops);
    }

    /** As {@link #run(LoopOptions, EventLoopGroup, SocketAddress)}, for a server on connections. */
    static void run(NetOptions options, EntranceOptions entrance, EventLoopGroup loops, TcpServer server) {
        run(options, entrance, loops, server.localAddress(), server::close);
    }

    /** As {@link #run(NetOptions, EntranceOptions, EventLoopGroup, TcpServer)}, for whatever else can be drained. */
    static void run(
            NetOptions options,
            EntranceOptions entrance,
            EventLoopGroup loops,
            SocketAddress listening,
            Function<Duration, CompletableFuture<Boolean>> drain) {
        run(options, entrance, loops, listening, "", drain);
    }

    /** As above, with more to say in the ready line. */
    static void run(
            NetOptions options,
            EntranceOptions entrance,
            EventLoopGroup loops,
            SocketAddress listening,
            String more,
            Function<Duration, CompletableFuture<Boolean>> drain) {
        String description = options.describe(loops) + more + entrance.describe();
        run(options.command(), listening, description, loops, drain, entrance::end);
    }

    private static void run(
            String command,
            SocketAddress listening,
            String description,
            EventLoopGroup loops,
            Function<Duration, CompletableFuture<Boolean>> drain,
            Runnable afterwards) {
        Runtime.getRuntime().addShutdownHook(new Exit() {
            @Override
            void drain() {
                drain.apply(DRAIN).join();
                loops.shutdown(DRAIN).join();
                afterwards.run();
            }
        });
        ready(command, listening, description);
        runAll(loops);
    }

    private static void runAll(EventLoopGroup loops) {
        List<EventLoop> all = loops.loops();
        for (int i = 1; i < all.size(); i++) {
            all.get(i).start();
        }
        all.get(0).run();
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
     * SIGTERM and Ctrl-C run the hooks: this one waits for what is under way, and the process ends as wished, with 0.
     */
    private abstract static class Exit extends Thread {
        Exit() {
            super("drain");
        }

        abstract void drain();

        @Override
        public final void run() {
            drain();
            Runtime.getRuntime().halt(0);
        }
    }
}
