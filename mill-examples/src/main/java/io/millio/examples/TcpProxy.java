package io.millio.examples;

import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.limit.RateLimiter;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.Relay;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.net.TcpServerBuilder;
import io.millio.net.proxy.ProxyHeader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.cli.Option;

/** Passes connections on to another server, both ways, at the speed of the slower side. */
final class TcpProxy implements Example {
    private static final Option TO_HOST =
            Declare.value("to-host", "Server to connect to (default " + AddressOptions.LOOPBACK + ").");
    private static final Option TO_PORT = Declare.required("to-port", "Port of that server.");
    private static final Option RATE = Declare.value(
            "rate", "BYTES", "Bytes a second that all connections together pass on, each way (default: no limit).");

    private static final Option SEND_PROXY = Declare.value(
            "send-proxy",
            "VERSION",
            "Names the client to that server by the PROXY protocol, version 1 or 2 (default: no).");

    private final AddressOptions where;
    private final String toHost;
    private final int toPort;
    private final long rate; // 0: no limit
    private final int sendProxy; // 0: no
    private final EntranceOptions entrance;
    private final NetOptions options;
    private final AdminOptions admin;

    TcpProxy(Arguments arguments) {
        where = new AddressOptions(arguments);
        toHost = arguments.textOf(TO_HOST, AddressOptions.LOOPBACK);
        toPort = arguments.requiredIntOf(TO_PORT, 1, 65535);
        rate = arguments.longOf(RATE, 0, 1);
        sendProxy = arguments.intOf(SEND_PROXY, 0, 1, 2);
        entrance = new EntranceOptions(arguments);
        options = new NetOptions(arguments);
        admin = new AdminOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("tcp-proxy", "Passes connections on to another server.");
        AddressOptions.addTo(syntax);
        syntax.add(TO_HOST, TO_PORT, RATE, SEND_PROXY);
        EntranceOptions.addTo(syntax);
        NetOptions.addTo(syntax);
        AdminOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        SocketAddress to = InetSocketAddress.createUnresolved(toHost, toPort);
        try (EventLoopGroup loops = options.openLoops();
                TcpClient client = TcpClient.builder().loops(loops).build()) {
            TcpServer server = entrance.applyTo(limited(TcpServer.builder())
                            .address(where.address())
                            .loops(loops)
                            .handler(new Front(client, to, sendProxy)))
                    .start();
            Servers.run(options, entrance, admin, loops, server);
        }
        return 0;
    }

    /**
     * To read slowly from the clients is to write slowly to the server, as a way passes on no more than it gets; and
     * the other way round.
     */
    private TcpServerBuilder limited(TcpServerBuilder builder) {
        if (rate == 0) {
            return builder;
        }
        return builder.readLimit(RateLimiter.perSecond(rate)).writeLimit(RateLimiter.perSecond(rate));
    }

    /** The side that was accepted: it reads nothing until there is a server to pass it on to. */
    record Front(TcpClient client, SocketAddress server, int sendProxy) implements ConnectionHandler {
        @Override
        public void onOpen(Connection front) {
            front.pauseReading();
            CompletableFuture<?> unused = connectFor(front).whenComplete((back, failure) -> {
                if (failure != null) {
                    front.abort();
                } else {
                    CompletableFuture<?> unusedEnd = Relay.connect(front, back);
                }
            });
        }

        private CompletableFuture<Connection> connectFor(Connection front) {
            ConnectionHandler unread = (back, bytes) -> {};
            if (sendProxy == 0) {
                return client.connect(server, front.loop(), unread);
            }
            ProxyHeader received = front.proxyHeader(); // of a proxy in front of this one
            ProxyHeader header =
                    received != null ? received : ProxyHeader.of(front.remoteAddress(), front.localAddress());
            return client.connect(server, front.loop(), header.withVersion(sendProxy), unread);
        }

        @Override
        public void onData(Connection front, ByteBuffer bytes) {}

        @Override
        public void onDrain(Connection front) {
            // goes on until both sides have ended, or the deadline comes
        }
    }
}
