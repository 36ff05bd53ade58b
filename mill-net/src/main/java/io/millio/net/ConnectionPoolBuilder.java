package io.millio.net;

import io.millio.internal.Arguments;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link ConnectionPool}: each is checked when it is given. One thread at a time. */
public final class ConnectionPoolBuilder {
    final TcpClient client;
    int maxPerEndpoint = 8;
    int maxTotal = 64;
    int minIdle;
    int maxWaiters = 1024;
    long maxUses = Long.MAX_VALUE;
    boolean newestFirst = true;
    Duration acquireTimeout = Duration.ofSeconds(30);
    long acquireNanos = acquireTimeout.toNanos();
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

    /** How many connections to one endpoint there are at most, at least 1: idle, in use and being made. Default 8. */
    public ConnectionPoolBuilder maxPerEndpoint(int max) {
        maxPerEndpoint = Arguments.atLeast(1, max, "maxPerEndpoint");
        return this;
    }

    /**
     * How many connections there are at most in all, at least 1. When one more is wanted, the longest idle of another
     * endpoint is closed for it. Default 64.
     */
    public ConnectionPoolBuilder maxTotal(int max) {
        maxTotal = Arguments.atLeast(1, max, "maxTotal");
        return this;
    }

    /**
     * How many idle connections are kept to an endpoint that was {@linkplain ConnectionPool#warmUp warmed up}. Default
     * 0.
     */
    public ConnectionPoolBuilder minIdle(int min) {
        minIdle = Arguments.atLeast(0, min, "minIdle");
        return this;
    }

    /** How many requests may wait, at least 1; others are refused at once. Default 1,024. */
    public ConnectionPoolBuilder maxWaiters(int max) {
        maxWaiters = Arguments.atLeast(1, max, "maxWaiters");
        return this;
    }

    /** How long a request waits at most, positive. Default 30 seconds. */
    public ConnectionPoolBuilder acquireTimeout(Duration timeout) {
        acquireNanos = Arguments.positiveNanos(timeout, "acquireTimeout");
        acquireTimeout = timeout;
        return this;
    }

    /** Closes a connection that was idle for so long; zero: never. Default one minute. */
    public ConnectionPoolBuilder idleTimeout(Duration timeout) {
        idleNanos = Arguments.nanos(timeout, "idleTimeout");
        return this;
    }

    /**
     * Closes a connection so long after it was made, when nobody uses it; zero: never, the default. Each connection's
     * is shorter by up to the {@linkplain #lifetimeJitter jitter}, so that those made together don't end together.
     */
    public ConnectionPoolBuilder maxLifetime(Duration lifetime) {
        lifetimeNanos = Arguments.nanos(lifetime, "maxLifetime");
        return this;
    }

    /** See {@link #maxLifetime}: a share from 0 up to 1. Default 0.1. */
    public ConnectionPoolBuilder lifetimeJitter(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("lifetimeJitter: " + share + ", must be from 0 to 1");
        }
        jitter = share;
        return this;
    }

    /** Where the sequence of jitters begins, from 0 to 1: for tests. */
    ConnectionPoolBuilder jitterStart(double start) {
        jitterStart = start;
        return this;
    }

    /** Closes a connection that was used so often, at least 1. Default no limit. */
    public ConnectionPoolBuilder maxUses(long max) {
        maxUses = Arguments.atLeast(1, max, "maxUses");
        return this;
    }

    /** Uses the longest idle connection first, instead of the one that was used last: keeps all of them warm. */
    public ConnectionPoolBuilder longestIdleFirst() {
        newestFirst = false;
        return this;
    }

    /**
     * Checks a connection that was idle for long before it is used again. One that dies is noticed without: this is for
     * peers that forget without a word.
     *
     * @param afterIdle how long it must have been idle; zero: always
     * @param timeout how long the check may take, positive
     */
    public ConnectionPoolBuilder check(ConnectionCheck check, Duration afterIdle, Duration timeout) {
        Objects.requireNonNull(check, "check");
        checkAfterNanos = Arguments.nanos(afterIdle, "afterIdle");
        checkNanos = Arguments.positiveNanos(timeout, "timeout");
        this.check = check;
        return this;
    }

    /**
     * After an attempt to connect has failed, the next to that endpoint is made so much later; twice as long each time,
     * up to a maximum, and one at a time until one succeeds. Default 100 ms and 10 seconds.
     */
    public ConnectionPoolBuilder connectBackoff(Duration first, Duration max) {
        long firstNanos = Arguments.positiveNanos(first, "first");
        long maxNanos = Arguments.positiveNanos(max, "max");
        if (maxNanos < firstNanos) {
            throw new IllegalArgumentException("max: " + max + ", less than first: " + first);
        }
        firstBackoffNanos = firstNanos;
        maxBackoffNanos = maxNanos;
        return this;
    }

    /**
     * Looks for leases that nobody gives back: remembers where each was acquired, which costs a stack trace, and tells
     * of those held for so long, once each. Default off.
     *
     * @param listener told in the loop: the connection, and a throwable whose stack trace is the place
     */
    public ConnectionPoolBuilder leakAfter(Duration held, BiConsumer<Connection, Throwable> listener) {
        Objects.requireNonNull(listener, "listener");
        leakNanos = Arguments.positiveNanos(held, "held");
        leakListener = listener;
        return this;
    }

    /**
     * Makes a pool. Nothing is connected yet.
     *
     * @throws IllegalArgumentException if more is to be kept idle than there may be, or the client has several loops
     */
    public ConnectionPool build() {
        if (minIdle > maxPerEndpoint) {
            throw new IllegalArgumentException("minIdle: " + minIdle + ", more than maxPerEndpoint: " + maxPerEndpoint);
        }
        if (minIdle > maxTotal) {
            throw new IllegalArgumentException("minIdle: " + minIdle + ", more than maxTotal: " + maxTotal);
        }
        int loops = client.loops().size();
        if (loops != 1) {
            throw new IllegalArgumentException("client: has " + loops + " loops, a pool belongs to one");
        }
        return new ConnectionPool(this);
    }
}
