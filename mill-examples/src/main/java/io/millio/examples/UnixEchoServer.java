package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The echo server on a Unix-domain socket: the same handlers, another address. */
@Command(
        name = "unix-echo-server",
        description = "Sends back what it receives, over a Unix-domain socket.",
        sortOptions = false)
final class UnixEchoServer implements Callable<Integer> {
    @Option(
            names = "--path",
            required = true,
            description = "File to listen on; one that nobody listens on is replaced.")
    private Path path;

    @Mixin
    private LoopOptions options;

    @Override
    public Integer call() throws IOException {
        try (EventLoopGroup loops = options.openLoops()) {
            EventLoop first = loops.loops().get(0);
            TcpListener listener = first.openListener(UnixDomainSocketAddress.of(path));
            first.register(listener, Interest.READABLE, new EchoAcceptor(listener, loops));
            Servers.run(options, loops, listener.localAddress());
        }
        return 0;
    }
}
