package io.millio.examples;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Syntax;
import io.millio.transport.Interest;
import io.millio.transport.SocketSettings;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** An echo server for datagrams; with several loops the system spreads the senders over a socket each. */
final class UdpEchoServer implements Example {
    private final AddressOptions where;
    private final LoopOptions options;
    private final AdminOptions admin;

    UdpEchoServer(Arguments arguments) {
        where = new AddressOptions(arguments);
        options = new LoopOptions(arguments);
        admin = new AdminOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("udp-echo-server", "Sends back each datagram that it receives.");
        AddressOptions.addTo(syntax);
        LoopOptions.addTo(syntax);
        AdminOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        try (EventLoopGroup loops = options.openLoops()) {
            SocketSettings shared = loops.loops().size() > 1
                    ? SocketSettings.NONE.with(StandardSocketOptions.SO_REUSEPORT, true)
                    : SocketSettings.NONE;
            InetSocketAddress at = where.address();
            for (EventLoop loop : loops.loops()) {
                UdpSocket socket = loop.openUdp(at, shared);
                at = (InetSocketAddress) socket.localAddress(); // the next one takes the port that this one was given
                loop.register(socket, Interest.READABLE, new DatagramEcho(socket));
            }
            Servers.run(options, admin, loops, at);
        }
        return 0;
    }

    /** One socket. While the system takes no more, one answer waits and nothing is received. */
    private static final class DatagramEcho implements EventHandler {
        private static final int MAX_DATAGRAM_BYTES = 65_535;

        /** So that a flood does not hold up what else the loop does. */
        private static final int DATAGRAMS_PER_EVENT = 64;

        private final UdpSocket socket;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES);
        private @Nullable SocketAddress unanswered;

        DatagramEcho(UdpSocket socket) {
            this.socket = socket;
        }

        @Override
        public void handle(Event event) throws IOException {
            if (unanswered != null) {
                if (!answer(unanswered)) {
                    return;
                }
                unanswered = null;
                event.registration().setInterest(Interest.READABLE);
            }
            for (int i = 0; i < DATAGRAMS_PER_EVENT; i++) {
                buffer.clear();
                SocketAddress sender = socket.receive(buffer);
                if (sender == null) {
                    return;
                }
                buffer.flip();
                if (!answer(sender)) {
                    unanswered = sender;
                    event.registration().setInterest(Interest.WRITABLE);
                    return;
                }
            }
        }

        /** Returns false if the answer has to wait. */
        private boolean answer(SocketAddress sender) {
            try {
                return socket.send(buffer, sender);
            } catch (IOException e) {
                return true; // the sender is unreachable; delivery of datagrams is not guaranteed
            }
        }
    }
}
