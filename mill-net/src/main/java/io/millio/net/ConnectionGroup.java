package io.millio.net;

import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.internal.Addresses;
import io.millio.internal.RunSubject;
import io.millio.limit.RateLimiter;
import io.millio.net.RefusalListener.Reason;
import io.millio.net.jfr.ConnectionRecording;
import io.millio.net.memory.MemoryBudget;
import io.millio.net.proxy.ProxyHeader;
import io.millio.net.report.ConnectionTable;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one server or client on one loop: registers them, counts them, and lets them open. Loop thread
 * only, unless a method says otherwise.
 */
final class ConnectionGroup {
    final NetLoop net;
    final ConnectionOptions options;
    final SetupOptions setup;
    final MemoryGuard memory;

    /** The limits of bytes per second that they share; null: there are none. */
    final @Nullable ThrottleQueue reading;

    final @Nullable ThrottleQueue writing;

    /** Creates the handlers of a server's connections; null for a client, which is given each. */
    final @Nullable Function<? super Connection, ? extends ConnectionHandler> handlers;

    /** Counts the connections of a server; null for a client. */
    private final @Nullable ConnectionQuota quota;

    // Those given to the loop and not gone: atomic, since the accepting thread compares the loops by it.
    private final AtomicInteger count = new AtomicInteger();

    private @Nullable StreamConnection first;
    private boolean draining;
    private boolean over;

    // Made beforehand: to end connections takes no memory.
    final Runnable drain;
    final Runnable cutOff = this::cutOff;

    ConnectionGroup(
            EventLoop loop,
            ConnectionOptions options,
            SetupOptions setup,
            @Nullable Function<? super Connection, ? extends ConnectionHandler> handlers,
            @Nullable RateLimiter readLimit,
            @Nullable RateLimiter writeLimit,
            @Nullable ConnectionQuota quota,
            @Nullable MemoryBudget memory) {
        this.net = NetLoop.of(loop);
        this.memory = net.memory(memory == null ? MemoryBudget.of(loop) : memory);
        this.options = options;
        this.setup = setup;
        this.handlers = handlers;
        this.reading = readLimit == null ? null : new ThrottleQueue(loop, readLimit);
        this.writing = writeLimit == null ? null : new ThrottleQueue(loop, writeLimit);
        this.quota = quota;
        this.drain = RunSubject.task(net, this::drain);
    }

    /** The loop with the fewest connections; among equals each in turn. Any thread. */
    static ConnectionGroup least(List<ConnectionGroup> of, AtomicInteger rotation) {
        int size = of.size();
        int begin = size == 1 ? 0 : Math.floorMod(rotation.getAndIncrement(), size);
        ConnectionGroup least = of.get(begin);
        for (int i = 1; i < size; i++) {
            ConnectionGroup each = of.get((begin + i) % size);
            if (each.count() < least.count()) {
                least = each;
            }
        }
        return least;
    }

    /** Returns a connection that this group counts until it {@linkplain #left leaves}. Any thread. */
    StreamConnection newConnection(ConnectionHandler handler) {
        StreamConnection created = new StreamConnection(this, handler);
        memory.join();
        boolean held = false;
        try {
            created.hold(MemoryGuard.CONNECTION_BYTES);
            count.incrementAndGet();
            held = true;
            return created;
        } finally {
            if (!held) {
                memory.leave();
            }
        }
    }

    /** How many are on this loop, or on their way. Any thread. */
    int count() {
        return count.get();
    }

    /** The sum of a limit over all loops. Any thread. */
    static LimitStats stats(List<ConnectionGroup> of, Function<ConnectionGroup, @Nullable ThrottleQueue> limit) {
        return of.stream().map(limit).map(ThrottleQueue::stats).reduce(LimitStats.NONE, LimitStats::plus);
    }

    // ---- beginning

    /** Gives a connection that another loop may have accepted to the loop of this group. */
    void handOver(StreamConnection connection, ConnectionGroup acceptedBy) {
        TcpStream accepted = connection.stream();
        try {
            if (acceptedBy == this) {
                adopt(connection, accepted);
            } else {
                net.loop.execute(RunSubject.task(connection, () -> adopt(connection, accepted)));
            }
        } catch (RejectedExecutionException | Error e) {
            refuse(connection, e);
        }
    }

    /** Takes over a connected stream that is registered nowhere. */
    void adopt(StreamConnection connection, TcpStream connected) {
        if (register(connection, connected, Interest.READABLE)) {
            try {
                connected(connection);
            } catch (Throwable t) { // it is registered, so no caller would end it
                connection.settlingFailed(t);
            }
        }
    }

    /** Registers a stream; a failure closes it and is reported here. */
    boolean register(StreamConnection connection, TcpStream stream, Interest interest) {
        connection.stream = stream;
        try {
            connection.began();
            connection.registration = net.loop.register(stream, interest, connection);
            return true;
        } catch (Throwable t) {
            refuse(connection, t);
            return false;
        }
    }

    /** There will be no connection: closes its socket, and reports that to the waiting caller. Any thread. */
    void refuse(StreamConnection connection, Throwable why) {
        connection.state |= ConnectionState.ENDING;
        connection.request(ConnectionState.ENDED);
        PendingConnect attempt = connection.connecting;
        connection.connecting = null;
        try {
            if (connection.stream != null) {
                connection.stream.close();
            }
        } catch (IOException suppressed) {
            why.addSuppressed(suppressed);
        } finally {
            left(connection);
        }
        if (attempt != null) {
            attempt.fail(why);
        } else if (!(why instanceof RejectedExecutionException)) {
            net.report(connection, why);
        }
    }

    /** The socket is connected: begins what comes before the first callback. */
    void connected(StreamConnection connection) {
        add(connection);
        if (connection.is(ConnectionState.ENDING)) {
            return; // cut off before it has opened: onClose of the registration reports that
        }
        if (setup.isNone() && connection.proxyHeader == null) {
            connection.open(null);
            return;
        }
        PendingConnect attempt = connection.connecting;
        if (attempt != null) {
            attempt.stopTimer(); // the handshake has one of its own
        }
        Handshaker first = new Handshaker(connection, setup, attempt == null ? null : attempt.remote);
        connection.handshaker = first;
        first.begin();
    }

    /** A PROXY header may have named the peer, whose address is counted from now on. */
    void named(StreamConnection connection, ProxyHeader header) throws RefusedException {
        connection.proxyHeader = header;
        SocketAddress client = connection.remoteAddress();
        if (quota != null && !(quota.admits(client) && quota.tryTake(client))) {
            throw new RefusedException(
                    Reason.ADDRESS_LIMIT,
                    "too many connections from " + Addresses.text(client)
                            + ", by maxConnectionsPerAddress or acceptLimitPerAddress");
        }
        connection.state |= ConnectionState.ADDRESS_COUNTED;
    }

    private void add(StreamConnection connection) {
        StreamConnection old = first;
        connection.next = old;
        if (old != null) {
            old.previous = connection;
        }
        first = connection;
        if (over) {
            Closing.reset(connection, CloseCause.SERVER_CLOSED);
        } else if (draining) {
            connection.request(ConnectionState.DRAIN);
        }
    }

    // ---- ending

    /** Drains all that are here, and those that are still on their way when they come. */
    private void drain() {
        draining = true;
        forEach(StreamConnection::drain);
    }

    /** Ends all that are here, and those that are still on their way when they come. */
    void cutOff() {
        over = true;
        forEach(connection -> Closing.reset(connection, CloseCause.SERVER_CLOSED));
    }

    /** Without a list of them, which would take memory: none is removed before the end of the turn. */
    private void forEach(Consumer<StreamConnection> action) {
        StreamConnection next = first;
        while (next != null) {
            StreamConnection each = next;
            next = each.next;
            net.settles(each);
            action.accept(each);
        }
        net.settles(null);
    }

    void remove(StreamConnection connection) {
        StreamConnection before = connection.previous;
        StreamConnection after = connection.next;
        if (before != null) {
            before.next = after;
        } else if (first == connection) {
            first = after;
        }
        if (after != null) {
            after.previous = before;
        }
        connection.previous = null;
        connection.next = null;
    }

    /** Counts a connection no more: it has gone, or has not come about. Any thread; a second call does nothing. */
    void left(StreamConnection connection) {
        if (connection.is(ConnectionState.LEFT)) {
            return;
        }
        connection.state |= ConnectionState.LEFT;
        count.decrementAndGet();
        try {
            connection.leaveAccount(MemoryGuard.CONNECTION_BYTES);
            memory.closed(connection);
        } finally {
            giveBackPlace(connection);
        }
    }

    private void giveBackPlace(StreamConnection connection) {
        if (quota == null) {
            return;
        }
        SocketAddress counted = null;
        try {
            counted = connection.is(ConnectionState.ADDRESS_COUNTED) ? connection.remoteAddress() : null;
        } finally {
            quota.giveBack(counted);
        }
    }

    /** Reports a connection that has ended before it opened, so that its handler does not know of it. */
    void refused(StreamConnection connection, CloseCause why, @Nullable Throwable failure) {
        RefusalListener listener = setup.refusals();
        Reason reason = Reason.of(why, failure);
        ConnectionRecording.refused(connection.remoteAddress(), reason, failure);
        if (listener != null) {
            listener.onRefused(connection.remoteAddress(), reason, failure);
        } else if (reason != Reason.PEER_CLOSED && reason != Reason.LOOP_CLOSED && reason != Reason.SERVER_CLOSED) {
            net.log("connection from " + Addresses.text(connection.remoteAddress()) + " refused, " + reason + ": "
                    + (failure == null ? "" : failure.getMessage()));
        }
    }

    // ---- diagnostics

    /** Records that a connection opens. */
    void recordOpened(StreamConnection connection) {
        if (ConnectionRecording.wantsOpened()) {
            ConnectionRecording.opened(net.loop, connection.localAddress(), connection.remoteAddress());
        }
    }

    /** Records the end of a connection that has opened. */
    void recordClosed(StreamConnection connection, CloseCause why) {
        if (ConnectionRecording.wantsClosed()) {
            Connection.Stats stats = connection.stats();
            ConnectionRecording.closed(
                    net.loop,
                    connection.localAddress(),
                    connection.remoteAddress(),
                    why,
                    stats.bytesRead(),
                    stats.bytesWritten(),
                    stats.age().toNanos(),
                    connection.failure);
        }
    }

    /** Returns what a connection is about in a word, for people. */
    static String stageOf(StreamConnection connection) {
        if (connection.requested(ConnectionState.ENDED)) {
            return "ended";
        }
        if (connection.is(ConnectionState.LINGERING)) {
            return "lingering";
        }
        if (connection.requested(ConnectionState.CLOSE | ConnectionState.ABORT)) {
            return "closing";
        }
        if (connection.is(ConnectionState.OPENED)) {
            return connection.requested(ConnectionState.PAUSED) ? "paused" : "open";
        }
        return connection.connecting != null && connection.handshaker == null ? "connecting" : "handshake";
    }

    /** Adds what there is to say of each connection that is registered. Any thread; the loop may be stuck. */
    void addRows(List<ConnectionTable.Row> rows) {
        for (Registration each : net.loop.liveRegistrations()) {
            if (each.handler() instanceof StreamConnection connection && connection.group == this) {
                Connection.Stats stats = connection.stats();
                rows.add(new ConnectionTable.Row(
                        stageOf(connection),
                        () -> Addresses.text(connection.remoteAddress()) + " to "
                                + Addresses.text(connection.localAddress()),
                        stats.bytesRead(),
                        stats.bytesWritten(),
                        stats.queuedBytes(),
                        stats.unreadBytes(),
                        connection.heldBytes(),
                        stats.age(),
                        stats.idle(),
                        connection.handler.getClass()));
            }
        }
    }

    /** A refusal by a limit or a PROXY header: of a connection that never opens. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        final Reason reason;

        RefusedException(Reason reason, String message) {
            super(message);
            this.reason = reason;
        }
    }
}
