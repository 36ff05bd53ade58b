package io.millio.net;

import io.millio.Event;
import io.millio.Registration;
import io.millio.Timer;
import io.millio.TurnHandler;
import io.millio.internal.RunSubject;
import io.millio.limit.RateLimit;
import io.millio.net.RefusalListener.Reason;
import io.millio.net.jfr.ConnectionRecording;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One listener of a server. It takes a place first and then a connection; without a place it stops listening until one
 * is free, and connections that arrive meanwhile wait in the backlog.
 */
final class Acceptor implements TurnHandler, RunSubject {
    private static final int ACCEPTS_PER_EVENT = 64;

    private final TcpServer server;
    private final TcpListener listener;
    private final ConnectionGroup group;

    // Written before the server is given out, and by the loop with the same value.
    private volatile @Nullable Registration registration;

    // Loop thread only.
    private @Nullable Timer pause;

    // Opaque: the connection that opens in an event of the listener, for reports from other threads.
    private final AtomicReference<@Nullable StreamConnection> opening = new AtomicReference<>();

    // Guarded by the quota that bounds the server, as the list of those that wait for it.
    boolean waits;

    @Nullable
    Acceptor nextWaiting;

    /** The group is that of the loop that accepts. */
    Acceptor(TcpServer server, TcpListener listener, ConnectionGroup group) {
        this.server = server;
        this.listener = listener;
        this.group = group;
    }

    TcpListener listener() {
        return listener;
    }

    void start() throws IOException {
        registration = group.net.loop.register(listener, Interest.READABLE, this);
    }

    void close() {
        Registration known = registration;
        if (known != null) {
            known.close();
        }
    }

    @Override
    public void onClose(Registration own, @Nullable Throwable failure) {
        server.quota.forget(this);
    }

    @Override
    public void handle(Event event) throws IOException {
        registration = event.registration();
        for (int i = 0; i < ACCEPTS_PER_EVENT; i++) {
            if (!server.quota.tryTake()) {
                if (server.refuseExcess && refuseNext()) {
                    continue;
                }
                if (server.refuseExcess || !takeOrWait(event.registration())) {
                    return;
                }
            }
            TcpStream peer = null;
            StreamConnection connection = null;
            SocketAddress counted = null;
            boolean permitted = false;
            try {
                permitted = takePermit(event.registration());
                peer = permitted ? listener.accept() : null;
                if (peer == null) {
                    return;
                }
                SocketAddress remote = peer.remoteAddress();
                group.memory.act();
                if (group.memory.refuses()) {
                    refused(peer, Reason.MEMORY_LIMIT);
                } else if (server.setup.proxies() != null) { // an address is counted when a header has named it
                    connection = server.newConnection(group, peer, false);
                } else if (server.quota.admits(remote) && server.quota.tryTake(remote)) {
                    counted = remote;
                    connection = server.newConnection(group, peer, true);
                } else {
                    refused(peer, Reason.ADDRESS_LIMIT);
                }
            } catch (RuntimeException e) { // of the program's limits and listener: accepting goes on
                group.net.report(this, e);
            } finally {
                if (connection == null) { // else the place is the connection's
                    if (peer == null && permitted && server.acceptLimit != null) {
                        server.acceptLimit.giveBack(1);
                    }
                    server.quota.giveBack(counted);
                    if (peer != null) {
                        reset(peer);
                    }
                }
            }
            if (connection != null) {
                handOver(connection);
            }
        }
    }

    private void handOver(StreamConnection connection) {
        opening.setOpaque(connection);
        try {
            connection.group.handOver(connection, group);
        } catch (Throwable t) {
            connection.group.refuse(connection, t);
        } finally {
            opening.setOpaque(null);
        }
    }

    @Override
    public Object runSubject() {
        return Objects.requireNonNullElse(opening.getOpaque(), server);
    }

    /** Resets the next connection; returns whether there was one. */
    private boolean refuseNext() throws IOException {
        TcpStream peer = listener.accept();
        if (peer == null) {
            return false;
        }
        try {
            server.excessRefused.incrementAndGet();
            refused(peer, Reason.CONNECTION_LIMIT);
        } catch (RuntimeException e) {
            group.net.report(this, e);
        } finally {
            reset(peer);
        }
        return true;
    }

    private void refused(TcpStream peer, Reason reason) {
        ConnectionRecording.refused(peer.remoteAddress(), reason, null);
        RefusalListener listener = server.setup.refusals();
        if (listener != null) {
            listener.onRefused(peer.remoteAddress(), reason, null);
        }
    }

    private boolean takeOrWait(Registration own) {
        boolean waiting = false;
        try {
            own.setInterest(Interest.NONE);
            waiting = !server.quota.takeOrWait(this);
        } finally {
            if (!waiting) {
                own.setInterest(Interest.READABLE);
            }
        }
        return !waiting;
    }

    /** Without a permit it stops listening until one should be available. */
    private boolean takePermit(Registration own) {
        RateLimit limit = server.acceptLimit;
        if (limit == null || limit.tryAcquire()) {
            return true;
        }
        server.acceptsHeldBack.incrementAndGet();
        long waitNanos = Math.max(1, limit.nanosUntilAvailable(1));
        pause = NetLoop.start(pause, own.loop(), waitNanos, RunSubject.task(server, this::resume));
        own.setInterest(Interest.NONE); // last: without the timer nothing would undo it
        return false;
    }

    /** Listens again. Any thread. */
    void resume() {
        Registration known = registration;
        if (known != null && !server.isClosing()) {
            known.setInterest(Interest.READABLE);
        }
    }

    @Override
    public String toString() {
        return "acceptor on " + listener;
    }

    /** At once, and without the wait of an orderly close: there may be many. */
    private static void reset(TcpStream peer) throws IOException {
        try {
            Closing.resetOnClose(peer);
        } finally {
            peer.close();
        }
    }
}
