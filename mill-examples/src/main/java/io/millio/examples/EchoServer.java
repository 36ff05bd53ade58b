package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.Token;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** An echo server on the raw interface of the event loop. */
@Command(name = "echo-server", description = "Sends back what it receives, over TCP.", sortOptions = false)
final class EchoServer implements Callable<Integer> {
    @Mixin
    private AddressOptions where;

    @Mixin
    private LoopOptions options;

    @Override
    public Integer call() throws IOException {
        try (EventLoopGroup loops = options.openLoops()) {
            EventLoop first = loops.loops().get(0);
            TcpListener listener = first.openListener(where.address());
            first.register(listener, Token.of(1), Interest.READABLE, new EchoAcceptor(listener, loops));
            Servers.run(options, loops, listener.localAddress());
        }
        return 0;
    }
}
