package io.millio.net;

import io.millio.Timer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a pool: hears it while nobody uses it, and passes on what its user should hear. The turn's.
 *
 * <pre>
 *   CONNECTING --&gt; IDLE &lt;--&gt; LEASED --released in a callback of its own--&gt; RETURNING --callback over--&gt; IDLE
 *                    ^  \
 *                    |   +--&gt; CHECKING --+         any --ended, or of no use--&gt; GONE
 *                    +------------------+
 * </pre>
 */
final class PooledConnection implements ConnectionHandler, Runnable {
    /** What it is to the pool. */
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
    final PoolEndpoint endpoint;
    final long beganNanos;

    @Nullable
    CompletableFuture<Connection> attempt;

    private State state = State.CONNECTING;

    // Volatile: written once, in the turn; read by whoever has the lease.
    private volatile @Nullable Connection connection;

    private @Nullable ConnectionLease lease;
    private @Nullable ConnectionHandler hearer;
    private boolean inCallback;
    private boolean checked;
    private boolean leakTold;
    private long uses;
    private long checks;
    private long sinceNanos; // in this state
    private long keptNanos; // when it was idle for long enough to go, and was kept
    private long endsNanos; // of its lifetime
    private @Nullable Timer timer;
    private long firesNanos;

    /** Its neighbours among the idle ones. */
    @Nullable
    PooledConnection longer;

    @Nullable
    PooledConnection shorter;

    PooledConnection(PoolEndpoint endpoint) {
        this.pool = endpoint.pool;
        this.endpoint = endpoint;
        this.beganNanos = pool.now();
        pool.counts.count(endpoint, state, 1);
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

    long idleSinceNanos() {
        return sinceNanos;
    }

    private void become(State next) {
        pool.counts.count(endpoint, state, -1);
        pool.counts.count(endpoint, next, 1);
        state = next;
        sinceNanos = pool.now();
    }

    // ---- in the pool

    private Connection stream() {
        return Objects.requireNonNull(connection);
    }

    /** Why nobody may use it any more, if so. */
    @Nullable
    EvictionCause unfit() {
        Connection known = stream();
        if (pool.isClosing()) {
            return EvictionCause.POOL_CLOSED;
        } else if (known.isInputClosed()) {
            return EvictionCause.PEER_CLOSED;
        } else if (known.closeCause() != null) {
            return EvictionCause.FAILED;
        } else if (!known.isOpen() || known.isOutputShutdown()) {
            return EvictionCause.DISCARDED;
        } else if (known.hasUnread()) {
            return EvictionCause.SPOKE;
        } else if (uses >= pool.settings.maxUses) {
            return EvictionCause.MAX_USES;
        } else if (pool.settings.lifetimeNanos != 0 && pool.now() - endsNanos >= 0) {
            return EvictionCause.MAX_LIFETIME;
        }
        return null;
    }

    /** Free: for whoever waits, or idle; or gone, if it is of no use. */
    void comeFree() {
        EvictionCause unfit = unfit();
        if (unfit != null) {
            retireAndClose(unfit);
            return;
        }
        become(State.IDLE);
        keptNanos = sinceNanos;
        endpoint.addIdle(this);
        if (stream().isReadingPaused()) {
            stream().resumeReading();
        }
        pool.settled(endpoint);
        arm();
    }

    void lend(ConnectionLease to) {
        endpoint.removeIdle(this);
        become(State.LEASED);
        uses++;
        checked = false;
        lease = to;
        hearer = to.handler;
        to.held = this;
        if (pool.settings.leakNanos != 0) {
            to.place = new ConnectionLease.Place();
            leakTold = false;
            arm();
        }
    }

    void giveBack(boolean reuse) {
        letGo();
        if (!reuse) {
            retireAndClose(EvictionCause.DISCARDED);
        } else if (inCallback) {
            become(State.RETURNING);
        } else {
            comeFree();
        }
    }

    private void letGo() {
        ConnectionLease by = lease;
        if (by != null) {
            by.held = null;
            by.place = null;
            lease = null;
        }
        hearer = null;
    }

    /** Leaves the pool: its place is free. What becomes of the connection is the caller's business. */
    void retire(EvictionCause cause) {
        if (state == State.GONE) {
            return;
        }
        if (state == State.IDLE) {
            endpoint.removeIdle(this);
        }
        letGo();
        become(State.GONE);
        if (timer != null) {
            timer.cancel();
        }
        pool.counts.evicted(cause);
        pool.serve(endpoint);
        pool.forgetIfUnused(endpoint);
    }

    /** In good order, unless the peer has broken the order. */
    void retireAndClose(EvictionCause cause) {
        retire(cause);
        if (cause == EvictionCause.SPOKE || cause == EvictionCause.CHECK_FAILED) {
            stream().abort();
        } else {
            stream().close();
        }
    }

    // ---- checks

    boolean needsCheck() {
        long idleNanos = pool.now() - sinceNanos;
        return pool.settings.check != null
                && idleNanos >= pool.settings.checkAfterNanos
                && !(checked && idleNanos < pool.settings.checkNanos);
    }

    void beginCheck() {
        endpoint.removeIdle(this);
        become(State.CHECKING);
        long number = ++checks;
        arm();
        try {
            ConnectionHandler hears =
                    Objects.requireNonNull(pool.settings.check).begin(stream(), usable -> checkOver(number, usable));
            if (isChecking(number)) {
                hearer = hears;
            }
        } catch (Throwable t) {
            pool.report(t);
            checkOver(number, false);
        }
    }

    private boolean isChecking(long number) {
        return state == State.CHECKING && checks == number;
    }

    private void checkOver(long number, boolean usable) {
        if (!isChecking(number)) {
            return;
        }
        hearer = null;
        if (!usable) {
            retireAndClose(EvictionCause.CHECK_FAILED);
            return;
        }
        checked = true;
        if (inCallback) {
            become(State.RETURNING);
        } else {
            comeFree();
        }
    }

    // ---- time

    private void arm() {
        long due = dueNanos();
        if (due == NEVER) {
            return;
        }
        Timer known = timer;
        if (known != null && known.isWaiting() && firesNanos - due <= 0) {
            return;
        }
        firesNanos = due;
        Duration delay = Duration.ofNanos(Math.max(0, due - pool.now()));
        try {
            if (known == null || !known.restart(delay)) {
                timer = pool.loop().schedule(delay, this);
            }
        } catch (RejectedExecutionException e) {
            // The loop is closed, and so is the connection.
        }
    }

    /** When something may be due in this state. */
    private long dueNanos() {
        ConnectionPoolBuilder settings = pool.settings;
        return switch (state) {
            case IDLE -> {
                long from = keptNanos - sinceNanos > 0 ? keptNanos : sinceNanos;
                long due = settings.idleNanos == 0 ? NEVER : from + settings.idleNanos;
                boolean endsFirst = settings.lifetimeNanos != 0 && (due == NEVER || endsNanos - due < 0);
                yield endsFirst ? endsNanos : due;
            }
            case LEASED -> settings.leakNanos == 0 || leakTold ? NEVER : sinceNanos + settings.leakNanos;
            case CHECKING -> sinceNanos + settings.checkNanos;
            case CONNECTING, RETURNING, GONE -> NEVER;
        };
    }

    /** The timer has fired, maybe for a state that has passed. */
    @Override
    public void run() {
        long due = dueNanos();
        if (due == NEVER) {
            return;
        }
        if (pool.now() - due < 0) {
            arm();
            return;
        }
        switch (state) {
            case IDLE -> idleOver();
            case LEASED -> {
                leakTold = true;
                ConnectionLease by = lease;
                if (by != null && by.place != null) {
                    pool.tellLeak(stream(), by.place);
                }
            }
            case CHECKING -> retireAndClose(EvictionCause.CHECK_FAILED);
            case CONNECTING, RETURNING, GONE -> {}
        }
    }

    private void idleOver() {
        if (pool.settings.lifetimeNanos != 0 && pool.now() - endsNanos >= 0) {
            retireAndClose(EvictionCause.MAX_LIFETIME);
        } else if (endpoint.idle > endpoint.minIdle() + endpoint.waiters) {
            retireAndClose(EvictionCause.IDLE_TIMEOUT);
        } else {
            keptNanos = pool.now(); // it may go when its time comes again
            arm();
        }
    }

    // ---- what is heard

    @Override
    public void onOpen(Connection opened) {
        connection = opened;
        endsNanos = pool.lifetimeEndNanos();
        attempt = null;
        endpoint.connected();
        pool.counts.created++;
        comeFree();
    }

    @Override
    public void onData(Connection from, ByteBuffer bytes) throws Exception {
        ConnectionHandler to = hearer;
        if (to == null) {
            bytes.position(bytes.limit());
            retireAndClose(EvictionCause.SPOKE);
            return;
        }
        int end = bytes.limit();
        inCallback = true;
        boolean returned = false;
        try {
            to.onData(from, bytes);
            returned = true;
        } finally {
            inCallback = false;
            if (state == State.RETURNING) {
                if (!returned) {
                    retire(EvictionCause.FAILED);
                } else if (bytes.position() < Math.max(end, bytes.limit())) {
                    retireAndClose(EvictionCause.SPOKE);
                } else {
                    comeFree();
                }
            }
        }
    }

    /** A callback without arguments of its own. */
    private interface Callback {
        void tell(ConnectionHandler to, Connection of) throws Exception;
    }

    private void pass(Callback callback, Connection of) throws Exception {
        ConnectionHandler to = hearer;
        if (to == null) {
            return;
        }
        inCallback = true;
        boolean returned = false;
        try {
            callback.tell(to, of);
            returned = true;
        } finally {
            inCallback = false;
            if (state == State.RETURNING) {
                if (returned) {
                    comeFree();
                } else {
                    retire(EvictionCause.FAILED);
                }
            }
        }
    }

    @Override
    public void onWritable(Connection of) throws Exception {
        pass(ConnectionHandler::onWritable, of);
    }

    @Override
    public void onInputClosed(Connection of) throws Exception {
        if (hearer == null) {
            retireAndClose(EvictionCause.PEER_CLOSED);
        } else {
            pass(ConnectionHandler::onInputClosed, of);
        }
    }

    @Override
    public void onDrain(Connection of) throws Exception {
        if (hearer == null) {
            retireAndClose(EvictionCause.POOL_CLOSED);
        } else {
            pass(ConnectionHandler::onDrain, of);
        }
    }

    @Override
    public void onClose(Connection of, CloseCause cause, @Nullable Throwable failure) throws Exception {
        ConnectionHandler to = hearer;
        retire(causeOf(cause));
        pool.ended(this);
        if (to != null) {
            to.onClose(of, cause, failure);
        }
    }

    private EvictionCause causeOf(CloseCause cause) {
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

    /** There is no connection. */
    void connectFailed() {
        become(State.GONE);
    }
}
