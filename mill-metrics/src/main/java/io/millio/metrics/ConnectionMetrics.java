package io.millio.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.RefusalListener;
import java.net.SocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts the connections of a server that opened, {@code millio.server.connections.opened}, and those that ended
 * before: {@code millio.server.connections.refused} with the tag {@code reason}, a constant of
 * {@link RefusalListener.Reason} such as {@code tls_failed}. With TLS a connection opens when its handshake is done, so
 * these two count the handshakes. It is the server's {@linkplain io.millio.net.TcpServerBuilder#refusals refusal
 * listener}, and passes each call on to the program's own:
 *
 * <pre>{@code
 * ConnectionMetrics metrics = new ConnectionMetrics(registry, Tags.of("name", "front"), ownListener);
 * TcpServer.builder().refusals(metrics).handlers(metrics.counting(connection -> new Handler()));
 * }</pre>
 *
 * <p>The line of the log that a server without a listener writes for a refusal is not written; a listener of the
 * program's may do so. An HTTP server has no place for {@link #counting}: {@link HttpMetrics} counts its requests.
 */
public final class ConnectionMetrics implements RefusalListener, AutoCloseable {
    private final MeterRegistry registry;
    private final @Nullable RefusalListener next;
    private final Tags tags;
    private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class); // not changed after construction

    // Guarded by this: null before counting is called, as a server without it would show no connection at all.
    private @Nullable Counter opened;

    /** Makes a listener that only counts. */
    public ConnectionMetrics(MeterRegistry registry, Iterable<Tag> tags) {
        this(registry, tags, null);
    }

    /**
     * Makes a listener that counts and then calls another one.
     *
     * @param tags of all counters: they must distinguish this server from others in the registry
     * @param next null: none
     */
    public ConnectionMetrics(MeterRegistry registry, Iterable<Tag> tags, @Nullable RefusalListener next) {
        this.registry = Objects.requireNonNull(registry, "registry");
        this.next = next;
        this.tags = Tags.of(tags);
        for (Reason reason : Reason.values()) { // all of them now, so that the first refusal is an increase from 0
            refused.put(
                    reason,
                    Counter.builder("millio.server.connections.refused")
                            .description("Connections that ended before they opened")
                            .tags(this.tags)
                            .tag("reason", Names.tag(reason))
                            .register(registry));
        }
    }

    @Override
    public void onRefused(SocketAddress remote, Reason reason, @Nullable Throwable failure) {
        Counter counter = refused.get(reason);
        if (counter != null) {
            counter.increment();
        }
        if (next != null) {
            next.onRefused(remote, reason, failure);
        }
    }

    /** Returns handlers for {@link io.millio.net.TcpServerBuilder#handlers} that count the connections that open. */
    public Function<Connection, ConnectionHandler> counting(
            Function<? super Connection, ? extends ConnectionHandler> handlers) {
        Objects.requireNonNull(handlers, "handlers");
        Counter counter = openedCounter();
        return connection -> {
            counter.increment();
            return handlers.apply(connection);
        };
    }

    private synchronized Counter openedCounter() {
        Counter counter = Counter.builder("millio.server.connections.opened")
                .description("Connections that opened")
                .tags(tags)
                .register(registry); // the same one each time
        opened = counter;
        return counter;
    }

    /** Removes the counters; refusals are still passed on. A second call does nothing. */
    @Override
    public synchronized void close() {
        if (opened != null) {
            registry.remove(opened);
            opened = null;
        }
        refused.values().forEach(registry::remove);
    }
}
