package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.Resolver;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.limit.RateLimiter;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.NameResolver;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.net.TcpServerBuilder;
import io.millio.net.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** Passes connections on to another server, both ways, at the speed of the slower side. */
final class TcpProxy implements Example {
    private static final Option TO_HOST =
            Declare.value("to-host", "Server to connect to (default " + AddressOptions.LOOPBACK + ").");
    private static final Option TO_PORT = Declare.required("to-port", "Port of that server.");
    private static final Option RATE = Declare.value(
            "rate", "BYTES", "Bytes a second that all connections together pass on, each way (default: no limit).");

    private final AddressOptions where;
    private final String toHost;
    private final int toPort;
    private final long rate; // 0: no limit
    private final EntranceOptions entrance;
    private final NetOptions options;

    TcpProxy(Arguments arguments) {
        where = new AddressOptions(arguments);
        toHost = arguments.textOf(TO_HOST, AddressOptions.LOOPBACK);
        toPort = arguments.requiredIntOf(TO_PORT, 1, 65535);
        rate = arguments.longOf(RATE, 0, 1);
        entrance = new EntranceOptions(arguments);
        options = new NetOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("tcp-proxy", "Passes connections on to another server.");
        AddressOptions.addTo(syntax);
        syntax.add(TO_HOST, TO_PORT, RATE);
        EntranceOptions.addTo(syntax);
        NetOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        try (EventLoopGroup loops = options.openLoops();
                NameResolver resolver = NameResolver.create()) {
            TcpServer server = entrance.applyTo(limited(TcpServer.builder())
                            .address(where.address())
                            .loops(loops)
                            .handlers(new Ways(resolver, toHost, toPort)::newWay))
                    .start();
            Servers.run(options, entrance, loops, server);
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

    /** Makes both ends of each way through the proxy, on the same loop: so they share their state without locks. */
    static final class Ways {
        private final Map<EventLoop, TcpClient> clients = new ConcurrentHashMap<>();
        private final Resolver resolver;
        private final String host;
        private final int port;

        Ways(Resolver resolver, String host, int port) {
            this.resolver = resolver;
            this.host = host;
            this.port = port;
        }

        ConnectionHandler newWay() {
            return new Front();
        }

        private TcpClient clientOn(EventLoop loop) {
            return clients.computeIfAbsent(
                    loop, on -> TcpClient.builder().loop(on).resolver(resolver).build());
        }

        /** The side that was accepted: it reads nothing until there is somewhere to pass it on to. */
        private final class Front extends End {
            @Override
            public void onOpen(Connection connection) {
                connection.pauseReading();
                CompletableFuture<?> unused = clientOn(connection.loop())
                        .connect(host, port, new Back(connection, this))
                        .whenComplete((back, failure) -> {
                            if (failure != null) {
                                connection.abort();
                            }
                        });
            }
        }

        /** The side that was connected. */
        private static final class Back extends End {
            private final Connection front;
            private final Front end;

            Back(Connection front, Front end) {
                this.front = front;
                this.end = end;
            }

            @Override
            public void onOpen(Connection connection) {
                if (!front.isOpen()) {
                    connection.abort();
                    return;
                }
                other = front;
                end.other = connection;
                front.resumeReading();
            }
        }
    }

    /** One end: what it reads the other one writes, and while that is full it reads nothing. */
    private abstract static class End implements ConnectionHandler {
        @Nullable
        Connection other;

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            Connection to = other;
            if (to != null && to.write(bytes) != WriteResult.CONTINUE) {
                connection.pauseReading();
            }
        }

        @Override
        public void onWritable(Connection connection) {
            if (other != null) {
                other.resumeReading();
            }
        }

        @Override
        public void onInputClosed(Connection connection, ByteBuffer rest) {
            if (other != null && other.isOpen()) {
                other.shutdownOutput();
            } else {
                connection.close();
            }
        }

        @Override
        public void onDrain(Connection connection) {
            // goes on until both sides have ended, or the deadline comes
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            Connection to = other;
            if (to == null) {
                return;
            }
            if (cause == CloseCause.PEER || cause == CloseCause.LOCAL) {
                to.close();
            } else {
                to.abort();
            }
        }
    }
}
