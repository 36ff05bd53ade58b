package io.millio.net.pool;

import io.millio.internal.Arguments;
import io.millio.net.Connection;
import io.millio.net.TcpClient;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link ConnectionPool}; each is checked when it is set. Confined to one thread. */
public final class ConnectionPoolBuilder {
    final TcpClient client;
    int maxPerEndpoint = 8;
    int minIdle;
    int maxWaiters = 1024;
    long maxUses = Long.MAX_VALUE;
    boolean newestFirst = true;
    long acquireNanos = Duration.ofSeconds(30).toNanos();
    long idleNanos = Duration.ofMinutes(1).toNanos();
    long lifetimeNanos;
    double jitter = 0.1;
    double jitterStart = ThreadLocalRandom.current().nextDouble();
    long firstBackoffNanos = Duration.ofMillis(100).toNanos();
    long maxBackoffNanos = Duration.ofSeconds(10).toNanos();

    @Nullable
    ConnectionCheck check;

    long checkAfterNanos;
    long checkNanos;
    long leakNanos;

    @Nullable
    BiConsumer<Connection, Throwable> leakListener;

    ConnectionPoolBuilder(TcpClient client) {
        this.client = Objects.requireNonNull(client, "client");
    }

    /** The maximum of connections to one endpoint, at least 1: idle, in use and being made. Default 8. */
    public ConnectionPoolBuilder maxPerEndpoint(int max) {
        maxPerEndpoint = Arguments.atLeast(1, max, "maxPerEndpoint");
        return this;
    }

    /**
     * The idle connections that are kept to an endpoint that was {@linkplain ConnectionPool#warmUp warmed up}. Default
     * 0.
     */
    public ConnectionPoolBuilder minIdle(int min) {
        minIdle = Arguments.atLeast(0, min, "minIdle");
        return this;
    }

    /** The maximum of requests that wait for one endpoint, at least 1; further ones are refused. Default 1,024. */
    public ConnectionPoolBuilder maxWaiters(int max) {
        maxWaiters = Arguments.atLeast(1, max, "maxWaiters");
        return this;
    }

    /** The maximum wait of a request, positive. Default 30 seconds. */
    public ConnectionPoolBuilder acquireTimeout(Duration timeout) {
        acquireNanos = Arguments.positiveNanos(timeout, "acquireTimeout");
        return this;
    }

    /** The time after which an idle connection is closed; zero for never. Default one minute. */
    public ConnectionPoolBuilder idleTimeout(Duration timeout) {
        idleNanos = Arguments.nanos(timeout, "idleTimeout");
        return this;
    }

    /**
     * The age at which a connection is closed once it is not leased; zero for never, the default. That of each
     * connection is shortened by up to the {@linkplain #lifetimeJitter jitter}, so that those made together do not end
     * together.
     */
    public ConnectionPoolBuilder maxLifetime(Duration lifetime) {
        lifetimeNanos = Arguments.nanos(lifetime, "maxLifetime");
        return this;
    }

    /** The share of {@link #maxLifetime} by which lifetimes vary, from 0 to 1. Default 0.1. */
    public ConnectionPoolBuilder lifetimeJitter(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw Arguments.refused("lifetimeJitter", share, "must be from 0 to 1");
        }
        jitter = share;
        return this;
    }

    /** Where the sequence of jitters starts, from 0 to 1; for tests. */
    ConnectionPoolBuilder jitterStart(double start) {
        jitterStart = start;
        return this;
    }

    /** The number of uses after which a connection is closed, at least 1. Default no limit. */
    public ConnectionPoolBuilder maxUses(long max) {
        maxUses = Arguments.atLeast(1, max, "maxUses");
        return this;
    }

    /** Leases the longest idle connection first instead of the one that was used last, which keeps all of them warm. */
    public ConnectionPoolBuilder longestIdleFirst() {
        newestFirst = false;
        return this;
    }

    /**
     * Checks a connection that was idle for long before it is leased again. A connection that ends is noticed without a
     * check; this is for peers that vanish without closing.
     *
     * @param afterIdle how long a connection was idle before it is checked; zero for always
     * @param timeout the time limit of the check, positive
     */
    public ConnectionPoolBuilder check(ConnectionCheck check, Duration afterIdle, Duration timeout) {
        Objects.requireNonNull(check, "check");
        checkAfterNanos = Arguments.nanos(afterIdle, "afterIdle");
        checkNanos = Arguments.positiveNanos(timeout, "timeout");
        this.check = check;
        return this;
    }

    /**
     * The delay after a failed attempt to connect before the next one to that endpoint; doubled with each failure, up
     * to a maximum, one attempt at a time until one succeeds. Default 100 ms and 10 seconds.
     */
    public ConnectionPoolBuilder connectBackoff(Duration first, Duration max) {
        long firstNanos = Arguments.positiveNanos(first, "first");
        long maxNanos = Arguments.positiveNanos(max, "max");
        if (maxNanos < firstNanos) {
            throw Arguments.refused("max", max, "must be at least first: " + first);
        }
        firstBackoffNanos = firstNanos;
        maxBackoffNanos = maxNanos;
        return this;
    }

    /**
     * Reports leases that are held for too long, once each. Every lease then records where it was acquired, which costs
     * a stack trace. Default off.
     *
     * @param listener called in the loop with the connection and a throwable whose stack trace is the place
     */
    public ConnectionPoolBuilder leakAfter(Duration held, BiConsumer<Connection, Throwable> listener) {
        Objects.requireNonNull(listener, "listener");
        leakNanos = Arguments.positiveNanos(held, "held");
        leakListener = listener;
        return this;
    }

    /**
     * Returns the pool. Nothing is connected yet.
     *
     * @throws IllegalArgumentException if {@link #minIdle} is above {@link #maxPerEndpoint}, or the client has several
     *     loops
     */
    public ConnectionPool build() {
        if (minIdle > maxPerEndpoint) {
            throw Arguments.refused("minIdle", minIdle, "must be at most maxPerEndpoint: " + maxPerEndpoint);
        }
        int loops = client.loops().size();
        if (loops != 1) {
            throw Arguments.refused("client", client, "must have one loop, has " + loops);
        }
        return new ConnectionPool(this);
    }
}
