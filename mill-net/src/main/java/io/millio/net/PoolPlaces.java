package io.millio.net;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Who gets the places of a pool: the endpoints that lack connections, in turn. Makes the connections. The turn's. */
final class PoolPlaces {
    private final ConnectionPool pool;
    private final ConnectionPoolBuilder settings;
    private final ArrayDeque<PoolEndpoint> wanting = new ArrayDeque<>();
    private boolean giving;
    long connectFailures;

    PoolPlaces(ConnectionPool pool) {
        this.pool = pool;
        this.settings = pool.settings;
    }

    /** A connection has come free, which may be closed for another endpoint's sake. */
    void lookAgain() {
        if (!wanting.isEmpty()) {
            givePlaces();
        }
    }

    /** Makes connections for an endpoint, as far as it lacks some and there are places. */
    void serve(PoolEndpoint endpoint) {
        if (!endpoint.wanting && endpoint.wantsPlace()) {
            endpoint.wanting = true;
            wanting.add(endpoint);
        }
        if (!wanting.isEmpty()) {
            givePlaces();
        }
    }

    /** One to each that wants some, and again. Those for which there is no room keep their order. */
    private void givePlaces() {
        if (giving) {
            return;
        }
        giving = true;
        try {
            boolean given = true;
            while (given && !pool.isClosing()) {
                given = false;
                for (int i = wanting.size(); i > 0; i--) {
                    PoolEndpoint next = wanting.remove();
                    if (!next.wantsPlace()) {
                        next.wanting = false;
                        continue;
                    }
                    if (pool.counts.occupied() < settings.maxTotal || makeRoom(next)) {
                        given |= connect(next);
                    }
                    wanting.add(next);
                }
            }
        } finally {
            giving = false;
        }
    }

    /**
     * Closes the longest idle connection that nobody waits for, in favour of an endpoint that somebody waits for; one
     * that somebody waits for only if that endpoint's first has waited for half of his time.
     */
    private boolean makeRoom(PoolEndpoint wants) {
        if (wants.waiters <= wants.supply()) {
            return false;
        }
        ConnectionLease first = Objects.requireNonNull(wants.firstWaiter);
        boolean starves = pool.now() - first.sinceNanos >= settings.acquireNanos / 2;
        PooledConnection longest = null;
        for (PoolEndpoint each : pool.endpoints.values()) {
            PooledConnection candidate = each.firstIdle;
            if (candidate != null
                    && each != wants
                    && (each.waiters == 0 || starves)
                    && (longest == null || candidate.idleSinceNanos() - longest.idleSinceNanos() < 0)) {
                longest = candidate;
            }
        }
        if (longest == null) {
            return false;
        }
        longest.retireAndClose(EvictionCause.MADE_ROOM);
        return true;
    }

    /** Begins an attempt; false if the loop is closing, and takes none. */
    private boolean connect(PoolEndpoint to) {
        PooledConnection begun = new PooledConnection(to);
        CompletableFuture<Connection> attempt = settings.client.connect(to.address, begun);
        if (attempt.isDone()) {
            begun.connectFailed();
            return false;
        }
        pool.all.add(begun);
        begun.attempt = attempt;
        CompletableFuture<?> unused = attempt.whenComplete((made, failure) -> {
            if (failure != null) {
                connectFailed(
                        begun,
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure);
            }
        });
        return true;
    }

    private void connectFailed(PooledConnection attempt, Throwable why) {
        if (attempt.state() != PooledConnection.State.CONNECTING) {
            return; // its end is told as that of a connection
        }
        PoolEndpoint of = attempt.endpoint;
        attempt.connectFailed();
        pool.ended(attempt);
        if (pool.isClosing()) {
            return;
        }
        connectFailures++;
        of.failed(attempt.beganNanos, why);
        of.failWarming(why);
        ConnectionLease first = of.firstWaiter;
        if (first != null && of.waiters > of.supply()) {
            pool.fail(first, why);
        }
        serve(of); // the place may be another's now
        pool.forgetIfUnused(of);
    }
}
