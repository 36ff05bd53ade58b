package io.millio.examples;

import io.millio.EventLoop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What the server examples do alike: say that they are ready, run, and drain when they are told to go. */
final class Servers {
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private Servers() {}

    /** Prints the one line of a server that is ready, and runs its loops until the process is told to end. */
    static void run(ServerOptions options, List<EventLoop> loops, SocketAddress listening) {
        drainAtExit(loops);
        System.out.println(
                options.command() + " listening on " + text(listening) + " (" + options.describe(loops.get(0)) + ")");
        System.out.flush();
        loops.subList(1, loops.size()).forEach(EventLoop::start);
        loops.get(0).run();
    }

    /** SIGTERM and Ctrl-C run the hooks: this one waits for what is under way, and the process ends as wished, with 0. */
    private static void drainAtExit(List<EventLoop> loops) {
        Thread hook = new Thread(
                () -> {
                    CompletableFuture.allOf(loops.stream()
                                    .map(loop -> loop.shutdown(DRAIN))
                                    .toArray(CompletableFuture[]::new))
                            .join();
                    Runtime.getRuntime().halt(0);
                },
                "drain");
        Runtime.getRuntime().addShutdownHook(hook);
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
}
