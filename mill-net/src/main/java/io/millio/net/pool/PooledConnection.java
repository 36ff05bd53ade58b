package io.millio.net.pool;

import io.millio.Timer;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a pool, and its handler: passes callbacks on to the handler of the lease, and evicts the connection
 * if something happens on it while it is idle. Loop thread only.
 *
 * <pre>
 *   CONNECTING --&gt; IDLE &lt;--&gt; LEASED --released in its own callback--&gt; RETURNING --callback over--&gt; IDLE
 *                    ^  \
 *                    |   +--&gt; CHECKING --+         any --ended, or unusable--&gt; GONE
 *                    +------------------+
 * </pre>
 */
final class PooledConnection implements ConnectionHandler {
    /** States, for the counts of the endpoint. */
    enum State {
        CONNECTING,
        IDLE,
        LEASED,
        RETURNING,
        CHECKING,
        GONE
    }

    private static final long NEVER = Long.MAX_VALUE;

    private final ConnectionPool pool;
    private final Endpoint endpoint;
    final LinkedQueue.Link<PooledConnection> idle = new LinkedQueue.Link<>();
    final long startedNanos;

    @Nullable
    CompletableFuture<Connection> attempt;

    /** Reports that the attempt has failed, with the cause below: made beforehand, for want of memory may be it. */
    final Runnable reportFailure;

    @Nullable
    Throwable connectFailure;

    private State state = State.CONNECTING;

    // Volatile: written once, in the turn; read on any thread by the holder of a lease.
    private volatile @Nullable Connection connection;

    private @Nullable ConnectionLease lease;
    private @Nullable ConnectionHandler handler; // of the lease, or of the check
    private boolean inCallback;
    private boolean checked;
    private boolean leakReported;
    private long uses;
    private long checks;
    private long stateSinceNanos;
    private long keptNanos; // when the idle timeout was over, and the connection was kept
    private long lifetimeEndNanos;
    private @Nullable Timer timer;
    private long firesNanos;

    PooledConnection(Endpoint endpoint) {
        this.pool = endpoint.pool;
        this.endpoint = endpoint;
        this.startedNanos = pool.now();
        this.reportFailure = () -> endpoint.connectFailed(this, Objects.requireNonNull(connectFailure));
    }

    State state() {
        return state;
    }

    Connection connection() {
        return Objects.requireNonNull(connection);
    }

    long uses() {
        return uses;
    }

    private void become(State next) {
        endpoint.changed(state, next);
        state = next;
        stateSinceNanos = pool.now();
    }

    // ---- in the pool

    /** Returns why the connection must not be used again, or null if it may be. */
    @Nullable
    EvictionCause unusable() {
        Connection known = connection();
        if (pool.isClosing()) {
            return EvictionCause.POOL_CLOSED;
        } else if (known.isInputClosed()) {
            return EvictionCause.PEER_CLOSED;
        } else if (known.closeCause() != null) {
            return EvictionCause.FAILED;
        } else if (!known.isOpen() || known.isOutputShutdown()) {
            return EvictionCause.DISCARDED;
        } else if (known.hasUnread()) {
            return EvictionCause.UNEXPECTED_DATA;
        } else if (uses >= pool.settings.maxUses) {
            return EvictionCause.MAX_USES;
        } else if (isLifetimeOver()) {
            return EvictionCause.MAX_LIFETIME;
        }
        return null;
    }

    private boolean isLifetimeOver() {
        return pool.settings.lifetimeNanos != 0 && pool.now() - lifetimeEndNanos >= 0;
    }

    private void becomeIdle() {
        EvictionCause unusable = unusable();
        if (unusable != null) {
            evict(unusable);
            return;
        }
        become(State.IDLE);
        endpoint.addIdle(this);
        keptNanos = stateSinceNanos;
        if (connection().isReadingPaused()) {
            connection().resumeReading();
        }
        armTimer();
        endpoint.idleAdded();
    }

    void lend(ConnectionLease to) {
        become(State.LEASED);
        uses++;
        checked = false;
        lease = to;
        handler = to.handler;
        to.held = this;
        if (pool.settings.leakNanos != 0) {
            to.acquiredHere = new ConnectionLease.AcquiredHere();
            leakReported = false;
            armTimer();
        }
    }

    void release(boolean reuse) {
        detachLease();
        if (!reuse) {
            evict(EvictionCause.DISCARDED);
        } else if (inCallback) {
            become(State.RETURNING);
        } else {
            becomeIdle();
        }
    }

    private void detachLease() {
        ConnectionLease holder = lease;
        if (holder != null) {
            holder.held = null;
            holder.acquiredHere = null;
            lease = null;
        }
        handler = null;
    }

    /** Removes the connection from the pool, which may replace it; closing the connection is up to the caller. */
    private void leave(EvictionCause cause) {
        if (state == State.GONE) {
            return;
        }
        if (state == State.IDLE) {
            endpoint.removeIdle(this);
        }
        detachLease();
        become(State.GONE);
        if (timer != null) {
            timer.cancel();
        }
        pool.counters.evicted(cause);
        endpoint.connectMore();
        pool.forgetIfUnused(endpoint);
    }

    /** Removes the connection from the pool and closes it; at once if the peer has violated the protocol. */
    void evict(EvictionCause cause) {
        try {
            leave(cause);
        } finally {
            if (cause == EvictionCause.UNEXPECTED_DATA || cause == EvictionCause.CHECK_FAILED) {
                connection().abort();
            } else {
                connection().close();
            }
        }
    }

    void connectFailed() {
        become(State.GONE);
    }

    // ---- checks

    boolean needsCheck() {
        long idleNanos = pool.now() - stateSinceNanos;
        return pool.settings.check != null
                && idleNanos >= pool.settings.checkAfterNanos
                && !(checked && idleNanos < pool.settings.checkNanos);
    }

    void check() {
        endpoint.removeIdle(this);
        become(State.CHECKING);
        long number = ++checks;
        armTimer();
        try {
            ConnectionHandler started = Objects.requireNonNull(pool.settings.check)
                    .start(connection(), usable -> checkComplete(number, usable));
            if (isChecking(number)) {
                handler = started;
            }
        } catch (Throwable t) {
            pool.report(t);
            checkComplete(number, false);
        }
    }

    private boolean isChecking(long number) {
        return state == State.CHECKING && checks == number;
    }

    private void checkComplete(long number, boolean usable) {
        if (!isChecking(number)) {
            return;
        }
        handler = null;
        if (!usable) {
            evict(EvictionCause.CHECK_FAILED);
            return;
        }
        checked = true;
        if (inCallback) {
            become(State.RETURNING);
        } else {
            becomeIdle();
        }
    }

    // ---- time

    private void armTimer() {
        long due = dueNanos();
        Timer known = timer;
        if (due == NEVER || (known != null && known.isWaiting() && firesNanos - due <= 0)) {
            return;
        }
        firesNanos = due;
        long delayNanos = Math.max(0, due - pool.now());
        try {
            if (known == null || !known.restartNanos(delayNanos)) {
                timer = pool.loop().scheduleNanos(delayNanos, this::timerFired);
            }
        } catch (RejectedExecutionException e) {
            // the loop is closed, and so is the connection
        }
    }

    /** Returns when the time limit of the current state is over. */
    private long dueNanos() {
        ConnectionPoolBuilder settings = pool.settings;
        return switch (state) {
            case IDLE -> {
                long since = keptNanos - stateSinceNanos > 0 ? keptNanos : stateSinceNanos;
                long due = settings.idleNanos == 0 ? NEVER : since + settings.idleNanos;
                boolean lifetimeFirst = settings.lifetimeNanos != 0 && (due == NEVER || lifetimeEndNanos - due < 0);
                yield lifetimeFirst ? lifetimeEndNanos : due;
            }
            case LEASED -> settings.leakNanos == 0 || leakReported ? NEVER : stateSinceNanos + settings.leakNanos;
            case CHECKING -> stateSinceNanos + settings.checkNanos;
            case CONNECTING, RETURNING, GONE -> NEVER;
        };
    }

    /** The timer may have been started for an earlier state. */
    private void timerFired() {
        long due = dueNanos();
        if (due == NEVER) {
            return;
        }
        if (pool.now() - due < 0) {
            armTimer();
            return;
        }
        switch (state) {
            case IDLE -> idleTimedOut();
            case LEASED -> {
                leakReported = true;
                ConnectionLease holder = lease;
                if (holder != null && holder.acquiredHere != null) {
                    pool.reportLeak(connection(), holder.acquiredHere);
                }
            }
            case CHECKING -> evict(EvictionCause.CHECK_FAILED);
            case CONNECTING, RETURNING, GONE -> {}
        }
    }

    private void idleTimedOut() {
        if (isLifetimeOver()) {
            evict(EvictionCause.MAX_LIFETIME);
        } else if (endpoint.hasIdleToSpare()) {
            evict(EvictionCause.IDLE_TIMEOUT);
        } else {
            keptNanos = pool.now();
            armTimer();
        }
    }

    // ---- callbacks of the connection

    /** A callback without arguments of its own. */
    private interface Callback {
        void call(ConnectionHandler handler, Connection connection) throws Exception;
    }

    /** Passes a callback on; an idle connection is evicted by it. */
    private void pass(Callback callback, Connection from, EvictionCause whenIdle) throws Exception {
        ConnectionHandler to = handler;
        if (to == null) {
            evict(whenIdle);
            return;
        }
        boolean returned = false;
        inCallback = true;
        try {
            callback.call(to, from);
            returned = true;
        } finally {
            callbackOver(returned, false);
        }
    }

    /** Completes a release that was made inside the callback. */
    private void callbackOver(boolean returned, boolean bytesLeft) {
        inCallback = false;
        if (state != State.RETURNING) {
            return;
        }
        if (!returned) {
            leave(EvictionCause.FAILED); // the connection ends by what was thrown
        } else if (bytesLeft) {
            evict(EvictionCause.UNEXPECTED_DATA);
        } else {
            becomeIdle();
        }
    }

    @Override
    public boolean isReplaceable() {
        return false;
    }

    @Override
    public void onOpen(Connection opened) {
        connection = opened;
        if (state != State.CONNECTING) {
            opened.abort(); // given up for want of memory
            return;
        }
        lifetimeEndNanos = pool.nextLifetimeEndNanos();
        attempt = null;
        endpoint.connected();
        becomeIdle();
    }

    @Override
    public void onData(Connection from, ByteBuffer bytes) throws Exception {
        ConnectionHandler to = handler;
        if (to == null) {
            bytes.position(bytes.limit());
            evict(EvictionCause.UNEXPECTED_DATA);
            return;
        }
        int end = bytes.limit();
        boolean returned = false;
        inCallback = true;
        try {
            to.onData(from, bytes);
            returned = true;
        } finally {
            callbackOver(returned, bytes.position() < Math.max(end, bytes.limit()));
        }
    }

    @Override
    public void onWritable(Connection from) throws Exception {
        if (handler != null) {
            pass(ConnectionHandler::onWritable, from, EvictionCause.DISCARDED);
        }
    }

    @Override
    public void onIdle(Connection from) throws Exception {
        if (handler != null) {
            pass(ConnectionHandler::onIdle, from, EvictionCause.DISCARDED);
        }
    }

    @Override
    public void onInputClosed(Connection from, ByteBuffer rest) throws Exception {
        pass((to, of) -> to.onInputClosed(of, rest), from, EvictionCause.PEER_CLOSED);
    }

    @Override
    public void onDrain(Connection from) throws Exception {
        pass(ConnectionHandler::onDrain, from, EvictionCause.POOL_CLOSED);
    }

    @Override
    public void onClose(Connection from, CloseCause cause, @Nullable Throwable failure) throws Exception {
        ConnectionHandler to = handler;
        try {
            leave(evictionFor(cause));
        } finally {
            pool.ended(this);
        }
        if (to != null) {
            to.onClose(from, cause, failure);
        }
    }

    private EvictionCause evictionFor(CloseCause cause) {
        if (state == State.CHECKING) {
            return EvictionCause.CHECK_FAILED;
        }
        return switch (cause) {
            case LOCAL, ABORTED, CLOSE_TIMEOUT -> EvictionCause.DISCARDED;
            case PEER -> EvictionCause.PEER_CLOSED;
            case IDLE_TIMEOUT -> EvictionCause.IDLE_TIMEOUT;
            case LOOP_CLOSED, SERVER_CLOSED -> EvictionCause.POOL_CLOSED;
            default -> EvictionCause.FAILED;
        };
    }
}
