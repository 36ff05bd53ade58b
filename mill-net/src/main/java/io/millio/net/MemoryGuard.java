package io.millio.net;

import io.millio.Registration;
import io.millio.Timer;
import io.millio.internal.Persistently;
import io.millio.internal.RunSubject;
import io.millio.net.account.LoopAccount;
import io.millio.net.account.MemoryHolder;
import io.millio.net.account.MemoryTotal;
import io.millio.net.jfr.ConnectionRecording;
import io.millio.net.wire.TlsWire;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one loop use of one budget, and what is done on this loop when memory gets scarce. Counting
 * only notes that the level has changed, for it may happen under a lock; {@link #act}, which connections call between
 * callbacks, acts on it. Loop thread only, unless a method says otherwise.
 */
final class MemoryGuard extends LoopAccount implements Runnable {
    /** The flat part of a connection: the objects of an idle one are 1,060 bytes on {@code nio}, 568 on epoll. */
    static final int CONNECTION_BYTES = 1280;

    private final NetLoop net;

    /** Those that are held, and some that were: each has MEMORY_LISTED. */
    private final List<StreamConnection> held = new ArrayList<>();

    // Volatile: written by the loop before it looks at the level once more, read by others behind a change of that.
    private volatile boolean anyHeld;

    private @Nullable Timer timer;

    // Made beforehand: they need no memory.
    private final Runnable sweep;
    private final Runnable shed;

    /** A connection that may be ended to make room. */
    private record Candidate(StreamConnection connection, long bytes, boolean small) {
        static final Comparator<Candidate> ORDER = Comparator.comparing(Candidate::small)
                .thenComparing(Comparator.comparingLong(Candidate::bytes).reversed());
    }

    MemoryGuard(NetLoop net, MemoryTotal total) {
        super(total);
        this.net = net;
        this.sweep = RunSubject.task(net, this);
        this.shed = RunSubject.task(net, this::shed);
    }

    // ---- any thread

    /** Whether a connection has more than it may have while memory is scarce. O(1). */
    boolean isAboveShare(ConnectionState connection) {
        return connection.heldBytes() > Math.max(minBytes(connection), total.shareBytes());
    }

    /** Whether a connection has no more than each may have, whatever the others do. */
    boolean isSmall(ConnectionState connection, long bytes) {
        return bytes <= minBytes(connection);
    }

    private long minBytes(ConnectionState connection) {
        // Besides the flat parts; another thread may see the wire of before.
        int flat = CONNECTION_BYTES + (connection.wire.isPlain() ? 0 : TlsWire.ENGINE_BYTES);
        return total.minBytesPerHolder + flat;
    }

    /** Whether writers to a connection should pause. */
    boolean isPressed(ConnectionState connection) {
        return total.level() != MemoryTotal.NORMAL && isAboveShare(connection);
    }

    /** Whether a new connection is refused; counts it. */
    boolean refuses() {
        boolean refused = total.level() >= MemoryTotal.SHEDDING;
        if (refused) {
            total.refused.getAndIncrement();
        }
        return refused;
    }

    /** Does what a change of the level calls for, if there was one. Without a lock: it submits tasks. */
    void act() {
        if (total.isCalm()) {
            return;
        }
        int before = total.takeChange();
        int now = total.level();
        if (before >= 0) {
            if (now == MemoryTotal.NORMAL) {
                total.forEachLoop(loop -> ((MemoryGuard) loop).resumeSoon());
            }
            if (now != before) {
                ConnectionRecording.memoryPressure(
                        MemoryTotal.nameOf(before),
                        MemoryTotal.nameOf(now),
                        total.usedBytes(),
                        total.maxBytes,
                        total.holders());
            }
        }
        if (now >= MemoryTotal.SHEDDING && total.beginShedding()) {
            submitShedding();
        }
    }

    private void submitShedding() {
        boolean submitted = false;
        try {
            Persistently.execute(net.loop, shed);
            submitted = true;
        } catch (RejectedExecutionException e) {
            // The loop is closing; another one sheds, or this one's connections have gone.
        } finally {
            if (!submitted) {
                total.endShedding(1);
            }
        }
    }

    private void resumeSoon() {
        if (anyHeld) {
            try {
                Persistently.execute(net.loop, sweep);
            } catch (RejectedExecutionException | OutOfMemoryError | StackOverflowError e) {
                // The loop is closing; or its timer looks after them later.
            }
        }
    }

    @Override
    public void forEachHolder(ObjLongConsumer<Object> action) {
        for (Registration each : net.loop.liveRegistrations()) {
            if (each.handler() instanceof MemoryHolder holder && holder.account() == this) {
                Object subject = holder instanceof RunSubject known ? known.runSubject() : holder;
                action.accept(subject, holder.heldBytes());
            }
        }
    }

    // ---- holding

    /** Holds a connection if it has more than its share while memory is scarce: it is not read from now on. */
    boolean holds(StreamConnection connection) {
        if (!isPressed(connection)) {
            return false;
        }
        if (connection.is(ConnectionState.MEMORY_HELD)) {
            return true;
        }
        Timeouts.of(connection).memoryHeld(total.heldNanos);
        if (!connection.is(ConnectionState.MEMORY_LISTED)) {
            held.add(connection);
            connection.state |= ConnectionState.MEMORY_LISTED;
        }
        anyHeld = true;
        arm();
        if (total.level() == MemoryTotal.NORMAL) { // before it was seen that any is held
            return false;
        }
        connection.state |= ConnectionState.MEMORY_HELD;
        total.paused.getAndIncrement();
        return true;
    }

    /** A connection has settled: it is read again if it may be. */
    void settled(StreamConnection connection) {
        if (connection.is(ConnectionState.MEMORY_HELD) && !isPressed(connection)) {
            connection.state &= ~ConnectionState.MEMORY_HELD;
            Timeouts.of(connection).memoryResumed();
            total.resumed.getAndIncrement();
            if (connection.unread != null) {
                connection.request(ConnectionState.RESUMED); // some may have come while it was looked for the end
            }
            if (connection.unread != null || connection.wire.holdsInput()) {
                net.later(connection); // the poller does not report it
            }
        }
        act();
    }

    /** Looks at those that are held: when the level is normal again, and when one may have been held for too long. */
    @Override
    public void run() {
        try {
            for (int i = 0; i < held.size(); i++) {
                StreamConnection each = held.get(i);
                net.settles(each);
                each.settleLater(false);
                if (each.is(ConnectionState.MEMORY_HELD) && !each.is(ConnectionState.ENDING) && leftNanos(each) <= 0) {
                    expire(each);
                }
            }
        } finally {
            net.settles(null);
            forget();
            arm();
        }
    }

    private long leftNanos(StreamConnection connection) {
        return total.heldNanos - Timeouts.of(connection).memoryHeldNanos();
    }

    /** Drops those that are not held any more. Takes no memory. */
    private void forget() {
        int kept = 0;
        for (int i = 0; i < held.size(); i++) {
            StreamConnection each = held.get(i);
            if (each.is(ConnectionState.MEMORY_HELD) && !each.is(ConnectionState.ENDING)) {
                held.set(kept++, each);
            } else {
                each.state &= ~ConnectionState.MEMORY_LISTED;
            }
        }
        while (held.size() > kept) {
            held.remove(held.size() - 1);
        }
        anyHeld = kept > 0;
    }

    /** Starts the timer for the first that may be held for too long; they are listed in no order once one goes on. */
    private void arm() {
        if (held.isEmpty() || (timer != null && timer.isWaiting())) {
            return; // it fires no later than for those that were there before
        }
        long nanos = total.heldNanos;
        for (int i = 0; i < held.size(); i++) {
            nanos = Math.min(nanos, leftNanos(held.get(i)));
        }
        try {
            timer = NetLoop.start(timer, net.loop, Math.max(1, nanos), sweep);
        } catch (RejectedExecutionException e) {
            // The loop is closing: the end of each connection is reported.
        }
    }

    private void expire(StreamConnection connection) {
        total.expired.getAndIncrement();
        String why = connection + " was held for " + total.heldNanos / 1_000_000
                + " ms, the heldTimeout of the memory budget, as it has more than its share: " + describe(connection);
        net.log(why);
        Closing.endOverBudget(connection, new ConnectionException(CloseCause.MEMORY_LIMIT, why, null));
    }

    // ---- ending

    /** Returns the exception for a connection that is ended to make room; or why there is no memory for it. */
    Throwable failure(StreamConnection connection) {
        try {
            String why = connection + " was ended to make room: " + describe(connection);
            net.log(why);
            return new ConnectionException(CloseCause.MEMORY_LIMIT, why, null);
        } catch (OutOfMemoryError | StackOverflowError e) {
            return e; // it ends in any case
        }
    }

    private String describe(StreamConnection connection) {
        return "it holds " + connection.heldBytes() + " bytes, its share is " + total.shareBytes() + "; "
                + total.usedBytes() + " of maxBytes: " + total.maxBytes + " are used";
    }

    /** One round: ends the largest until there is room. The next begins when all of these have closed. */
    private void shed() {
        int victims = 0;
        try {
            List<Candidate> candidates = new ArrayList<>();
            long[] left = new long[1]; // what stays: not the total, for that has those that are about to close
            total.forEachLoop(loop -> loop.forEachHolder((holder, bytes) -> {
                if (!(holder instanceof StreamConnection each)) {
                    left[0] += bytes; // an endpoint
                } else if (!each.requested(ConnectionState.ENDED | ConnectionState.ABORT)) {
                    left[0] += bytes;
                    candidates.add(new Candidate(each, bytes, isSmall(each, bytes)));
                }
            }));
            candidates.sort(Candidate.ORDER);
            for (Candidate each : candidates) {
                if (left[0] <= total.pauseBytes || (each.small && total.level() != MemoryTotal.FULL)) {
                    break;
                }
                left[0] -= each.bytes;
                victims++;
                total.shed.getAndIncrement();
                end(each.connection);
            }
        } finally {
            total.endShedding(victims);
        }
        act();
    }

    /** Ends a connection of any loop. The round is over when it has closed. */
    private void end(StreamConnection connection) {
        total.addVictim();
        boolean done = false;
        try {
            int before = connection.request(ConnectionState.ABORT | ConnectionState.OVER_BUDGET | ConnectionState.SHED);
            done = (before & ConnectionState.ENDED) == 0 && connection.settleSoon();
        } finally {
            if (!done) { // it has ended already, or its loop has; or no memory is left, and a later settling ends it
                closed(connection);
            }
        }
    }

    /** A connection has closed. Any thread; a second call does nothing. */
    void closed(StreamConnection connection) {
        if (connection.requested(ConnectionState.SHED)
                && (connection.clear(ConnectionState.SHED) & ConnectionState.SHED) != 0) {
            total.victimClosed();
        }
    }
}
