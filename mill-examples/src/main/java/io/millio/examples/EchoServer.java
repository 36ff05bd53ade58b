package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Syntax;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.Token;
import java.io.IOException;

/** An echo server on the raw interface of the event loop. */
final class EchoServer implements Example {
    private final AddressOptions where;
    private final LoopOptions options;
    private final AdminOptions admin;

    EchoServer(Arguments arguments) {
        where = new AddressOptions(arguments);
        options = new LoopOptions(arguments);
        admin = new AdminOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("echo-server", "Sends back what it receives, over TCP.");
        AddressOptions.addTo(syntax);
        LoopOptions.addTo(syntax);
        AdminOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        try (EventLoopGroup loops = options.openLoops()) {
            EventLoop first = loops.loops().get(0);
            TcpListener listener = first.openListener(where.address());
            first.register(listener, Token.of(1), Interest.READABLE, new EchoAcceptor(listener, loops));
            Servers.run(options, admin, loops, listener.localAddress());
        }
        return 0;
    }
}
