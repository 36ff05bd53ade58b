package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.apache.commons.cli.Option;

/** The echo server on a Unix-domain socket: the same handlers, another address. */
final class UnixEchoServer implements Example {
    private static final Option PATH =
            Declare.required("path", "File to listen on; a socket file without a listener is replaced.");

    private final Path path;
    private final LoopOptions options;
    private final AdminOptions admin;

    UnixEchoServer(Arguments arguments) {
        path = arguments.requiredPathOf(PATH);
        options = new LoopOptions(arguments);
        admin = new AdminOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("unix-echo-server", "Sends back what it receives, over a Unix-domain socket.");
        syntax.add(PATH);
        LoopOptions.addTo(syntax);
        AdminOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        try (EventLoopGroup loops = options.openLoops()) {
            EventLoop first = loops.loops().get(0);
            TcpListener listener = first.openListener(UnixDomainSocketAddress.of(path));
            first.register(listener, Interest.READABLE, new EchoAcceptor(listener, loops));
            Servers.run(options, admin, loops, listener.localAddress());
        }
        return 0;
    }
}
