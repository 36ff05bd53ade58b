package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.Resolver;
import io.millio.limit.RateLimiter;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.net.TcpServerBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Passes connections on to another server, both ways, at the speed of the slower side. */
@Command(name = "tcp-proxy", description = "Passes connections on to another server.", sortOptions = false)
final class TcpProxy implements Callable<Integer> {
    @Mixin
    private AddressOptions where;

    @Option(
            names = "--to-host",
            defaultValue = "127.0.0.1",
            description = "Server to connect to (default ${DEFAULT-VALUE}).")
    private String toHost;

    @Option(names = "--to-port", required = true, description = "Port of that server.")
    private int toPort;

    @Option(
            names = "--rate",
            paramLabel = "BYTES",
            description = "Bytes a second that all connections together pass on, each way (default: no limit).")
    private @Nullable Long rate;

    @Mixin
    private EntranceOptions entrance;

    @Mixin
    private NetOptions options;

    @Override
    public Integer call() throws IOException {
        options.port(toPort, "--to-port");
        try (EventLoopGroup loops = options.openLoops();
                Resolver resolver = Resolver.create()) {
            TcpServer server = entrance.applyTo(limited(TcpServer.builder())
                            .address(where.address())
                            .loops(loops)
                            .handlers(new Ways(resolver, toHost, toPort)::newWay))
                    .start();
            Servers.run(options, entrance, loops, server);
        }
        return 0;
    }

    /** To read slowly from the clients is to write slowly to the server, as a way passes on no more than it gets; and the other way round. */
    private TcpServerBuilder limited(TcpServerBuilder builder) {
        if (rate == null) {
            return builder;
        }
        options.atLeast(1, rate, "--rate");
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
            if (to != null && !to.write(bytes)) {
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
        public void onInputClosed(Connection connection) {
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
