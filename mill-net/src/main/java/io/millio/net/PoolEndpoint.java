package io.millio.net;

import io.millio.Timer;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What a pool knows of one endpoint: its idle connections, who waits, how connecting goes. The turn's. */
final class PoolEndpoint {
    private static final int MAX_DOUBLINGS = 40;

    final ConnectionPool pool;
    final SocketAddress address;

    int idle;
    int leased; // RETURNING ones, too
    int returning;
    int connecting;
    int checking;

    // The longest idle first.
    @Nullable
    PooledConnection firstIdle;

    @Nullable
    PooledConnection lastIdle;

    @Nullable
    ConnectionLease firstWaiter;

    private @Nullable ConnectionLease lastWaiter;
    int waiters;
    private @Nullable Timer waitTimer;

    /** Whether it is in the pool's list of those that want a place, or of those that have connections to hand over. */
    boolean wanting;

    boolean granting;

    boolean warm;
    private final List<CompletableFuture<?>> warming = new ArrayList<>();

    private int failures;
    private long failedNanos;
    private @Nullable Timer backoff;

    @Nullable
    Throwable lastFailure;

    PoolEndpoint(ConnectionPool pool, SocketAddress address) {
        this.pool = pool;
        this.address = address;
    }

    // ---- counts

    int occupied() {
        return idle + leased + connecting + checking;
    }

    /** Connections that are to be had soon. */
    int supply() {
        return idle + returning + connecting + checking;
    }

    boolean lacks() {
        return waiters + minIdle() > supply();
    }

    int minIdle() {
        return warm ? pool.settings.minIdle : 0;
    }

    /** Whether one more connection should be made now, if there is a place in the pool. */
    boolean wantsPlace() {
        return lacks()
                && occupied() < pool.settings.maxPerEndpoint
                && !isBackingOff()
                && (failures == 0 || connecting == 0);
    }

    boolean isUnused() {
        return occupied() == 0 && waiters == 0 && !warm && !isBackingOff();
    }

    // ---- idle connections

    void addIdle(PooledConnection connection) {
        connection.shorter = null;
        PooledConnection last = lastIdle;
        connection.longer = last;
        if (last == null) {
            firstIdle = connection;
        } else {
            last.shorter = connection;
        }
        lastIdle = connection;
    }

    void removeIdle(PooledConnection connection) {
        PooledConnection longer = connection.longer;
        PooledConnection shorter = connection.shorter;
        if (longer == null) {
            firstIdle = shorter;
        } else {
            longer.shorter = shorter;
        }
        if (shorter == null) {
            lastIdle = longer;
        } else {
            shorter.longer = longer;
        }
        connection.longer = null;
        connection.shorter = null;
    }

    /** The idle connection to use next; those of no use go. */
    @Nullable
    PooledConnection nextIdle() {
        while (true) {
            PooledConnection next = pool.settings.newestFirst ? lastIdle : firstIdle;
            EvictionCause unfit = next == null ? null : next.unfit();
            if (next == null || unfit == null) {
                return next;
            }
            next.retireAndClose(unfit);
        }
    }

    // ---- who waits

    void link(ConnectionLease waiter) {
        waiter.endpoint = this;
        waiter.sinceNanos = pool.now();
        ConnectionLease last = lastWaiter;
        waiter.before = last;
        if (last == null) {
            firstWaiter = waiter;
        } else {
            last.after = waiter;
        }
        lastWaiter = waiter;
        waiters++;
        pool.counts.pending++;
        armWaitTimer(pool.settings.acquireTimeout);
    }

    void unlink(ConnectionLease waiter) {
        ConnectionLease before = waiter.before;
        ConnectionLease after = waiter.after;
        if (before == null) {
            firstWaiter = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            lastWaiter = before;
        } else {
            after.before = before;
        }
        waiter.endpoint = null;
        waiter.before = null;
        waiter.after = null;
        waiters--;
        pool.counts.pending--;
    }

    /**
     * The timer is for the first; all have the same time, so the others come later. It also tells when the loop closes.
     */
    private void armWaitTimer(Duration delay) {
        Timer known = waitTimer;
        if (known != null && known.isWaiting()) {
            return;
        }
        if (known == null || !known.restart(delay)) {
            waitTimer = pool.loop().schedule(delay, this::waitedLong, pool::loopClosed);
        }
    }

    private void waitedLong() {
        long timeoutNanos = pool.settings.acquireNanos;
        for (ConnectionLease waiter; (waiter = firstWaiter) != null; ) {
            long left = timeoutNanos - (pool.now() - waiter.sinceNanos);
            if (left > 0) {
                armWaitTimer(Duration.ofNanos(left));
                break;
            }
            TimeoutException over = new TimeoutException(
                    "no connection to " + Addresses.text(address) + " within " + pool.settings.acquireTimeout);
            if (lastFailure != null) {
                over.initCause(lastFailure);
            }
            pool.counts.timedOut++;
            pool.fail(waiter, over);
        }
        if (!warming.isEmpty()) {
            armWaitTimer(pool.settings.acquireTimeout);
        }
        pool.forgetIfUnused(this);
    }

    // ---- warming up

    void warmUp(CompletableFuture<?> told) {
        warm = true;
        warming.add(told);
        armWaitTimer(pool.settings.acquireTimeout);
        lookWhetherWarm();
    }

    void lookWhetherWarm() {
        if (!warming.isEmpty() && occupied() - connecting >= pool.settings.minIdle) {
            List<CompletableFuture<?>> told = List.copyOf(warming);
            warming.clear();
            told.forEach(each -> each.complete(null));
        }
    }

    void failWarming(Throwable why) {
        List<CompletableFuture<?>> told = List.copyOf(warming);
        warming.clear();
        told.forEach(each -> each.completeExceptionally(why));
    }

    // ---- backing off

    boolean isBackingOff() {
        return backoff != null && backoff.isWaiting();
    }

    void connected() {
        failures = 0;
        lastFailure = null;
        stopBackoff();
    }

    /** An attempt that began at a time has failed. Those that were under way together count once. */
    void failed(long beganNanos, Throwable why) {
        lastFailure = why;
        if (failures > 0 && beganNanos - failedNanos < 0) {
            return;
        }
        failedNanos = pool.now();
        int doublings = Math.min(failures, MAX_DOUBLINGS);
        failures++;
        long first = pool.settings.firstBackoffNanos;
        long max = pool.settings.maxBackoffNanos;
        Duration delay = Duration.ofNanos(first > max >> doublings ? max : first << doublings);
        try {
            if (backoff == null || !backoff.restart(delay)) {
                backoff = pool.loop().schedule(delay, this::backoffOver);
            }
        } catch (RejectedExecutionException e) {
            // The loop is closed; who waits is told by the other timer.
        }
    }

    private void backoffOver() {
        pool.serve(this);
        pool.forgetIfUnused(this);
    }

    private void stopBackoff() {
        if (backoff != null) {
            backoff.cancel();
            backoff = null;
        }
    }

    void forget() {
        stopBackoff();
        if (waitTimer != null) {
            waitTimer.cancel();
            waitTimer = null;
        }
    }
}
