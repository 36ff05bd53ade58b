package io.millio.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.millio.http.HttpServer;
import io.millio.net.LimitStats;
import io.millio.net.TcpServer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a server: {@code millio.server.*}, with the tag {@code name}. Those of its requests are
 * {@link HttpMetrics}, those of connections that never opened {@link ConnectionMetrics}.
 */
public final class ServerMetrics extends Binder {
    private final IntSupplier connections;
    private final LongSupplier acceptsHeldBack;
    private final LongSupplier acceptsRefused;
    private final @Nullable TcpServer tcp;

    /**
     * Makes a binder for a server, with the numbers of its {@linkplain TcpServer#readLimitStats limits} for all
     * connections together.
     *
     * @param name a name that no other server of the process has
     * @param tags of all meters
     */
    public ServerMetrics(TcpServer server, String name, Iterable<Tag> tags) {
        super(Tags.of(tags).and("name", name));
        connections = server::connections;
        acceptsHeldBack = server::acceptsHeldBack;
        acceptsRefused = server::acceptsRefused;
        tcp = server;
    }

    /**
     * Makes a binder for an HTTP server.
     *
     * @param name a name that no other server of the process has
     * @param tags of all meters
     */
    public ServerMetrics(HttpServer server, String name, Iterable<Tag> tags) {
        super(Tags.of(tags).and("name", name));
        connections = server::connections;
        acceptsHeldBack = server::acceptsHeldBack;
        acceptsRefused = server::acceptsRefused;
        tcp = null;
    }

    @Override
    void register(MeterSet meters) {
        meters.gauge("millio.server.connections", BaseUnits.CONNECTIONS, "Connections open now", connections::getAsInt);
        meters.counter(
                "millio.server.accepts.held.back",
                null,
                "Times that accepting stopped for want of a permit",
                acceptsHeldBack);
        meters.counter(
                "millio.server.accepts.refused",
                null,
                "Connections reset by the rate of their address",
                acceptsRefused);
        TcpServer server = tcp;
        if (server != null) {
            meters.counter(
                    "millio.server.excess.refused",
                    null,
                    "Connections reset by the limit of connections",
                    server::excessRefused);
            registerLimit(meters.with("direction", "read"), server::readLimitStats);
            registerLimit(meters.with("direction", "write"), server::writeLimitStats);
        }
    }

    private static void registerLimit(MeterSet meters, Supplier<LimitStats> stats) {
        meters.counter(
                "millio.server.limit.passed",
                BaseUnits.BYTES,
                "Bytes that a limit let through",
                () -> stats.get().bytes());
        meters.counter(
                "millio.server.limit.dropped",
                BaseUnits.BYTES,
                "Bytes held back until their connection ended",
                () -> stats.get().droppedBytes());
        meters.timer(
                "millio.server.limit.wait",
                "Time that connections waited for a limit",
                () -> stats.get().waits(),
                () -> stats.get().waitNanos());
    }
}
