package io.millio.net;

import io.millio.net.wire.Chunk;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A connection gets another handler, behind a TLS handshake perhaps. Loop thread only.
 *
 * <pre>
 *   handler(next) --the callback returns--&gt; next.onOpen
 *   startTls(next) --plain text written--&gt; handshake --done--&gt; next.onOpen
 * </pre>
 *
 * <p>NEW_HANDLER is set from the call until {@code onOpen}: nothing is read or delivered meanwhile. What the call of
 * {@code startTls} finds written is in front of a barrier in the queue, and what follows behind it; during the
 * handshake the connection counts as not opened.
 */
final class HandlerChange {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private HandlerChange() {}

    static void to(StreamConnection connection, ConnectionHandler next) {
        Objects.requireNonNull(next, "next");
        check(connection);
        connection.handler = next;
        connection.state |= ConnectionState.NEW_HANDLER;
        connection.settleSoon();
    }

    static void startTls(StreamConnection connection, StartTls settings, ConnectionHandler next) {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(next, "next");
        check(connection);
        if (!connection.wire.isPlain() || connection.is(ConnectionState.STARTING_TLS)) {
            throw new IllegalStateException("TLS was begun before: " + connection);
        }
        if (connection.takesWrites()) {
            WriteResult unused = connection.queue().offer(new PendingWrite.TlsBarrier(settings), 0);
            connection.state |= ConnectionState.STARTING_TLS;
        }
        to(connection, next);
    }

    private static void check(StreamConnection connection) {
        if (!connection.net().loop.inLoop()) {
            throw new IllegalStateException("only in the loop of " + connection);
        }
        if (!connection.handler.isReplaceable()) {
            throw new IllegalStateException("its handler is not replaceable, as that of a pool: " + connection);
        }
    }

    /** Opens the next handler, or begins the handshake in front of it; returns whether that has settled everything. */
    static boolean advance(StreamConnection connection) {
        if (connection.is(ConnectionState.STARTING_TLS)) {
            beginTls(connection);
            return connection.is(ConnectionState.UPGRADING | ConnectionState.ENDING)
                    || !connection.is(ConnectionState.STARTING_TLS);
        }
        openNext(connection);
        connection.settle(); // what it has written and asked for, and what is unread
        return true;
    }

    /** Begins the handshake, if what was written before has been sent. */
    private static void beginTls(StreamConnection connection) {
        if (connection.net().writer.isAllWritten(connection)
                || !(connection.queue().pending.head instanceof PendingWrite.TlsBarrier barrier)) {
            return;
        }
        Chunk received = connection.unread;
        if (connection.requested(ConnectionState.CLOSE)) {
            connection.end(CloseCause.LOCAL, null);
        } else if (received != null && !barrier.settings.unreadIsTls()) {
            String why = received.size() + " bytes were received in plain text behind the agreement on TLS";
            connection.end(CloseCause.TLS_FAILED, new ConnectionException(CloseCause.TLS_FAILED, why, null));
        } else {
            Handshaker first = new Handshaker(connection, barrier.settings, received); // may lack memory, so before
            connection.countRead(received == null ? 0 : -received.size()); // they are of the handshake
            connection.unread = null;
            connection.state = (connection.state & ~ConnectionState.OPENED) | ConnectionState.UPGRADING;
            connection.handshaker = first;
            first.begin();
        }
    }

    /** The handshake is done. */
    static void tlsStarted(StreamConnection connection) {
        int bits = ConnectionState.UPGRADING | ConnectionState.STARTING_TLS;
        connection.handshaker = null;
        connection.state = (connection.state & ~bits) | ConnectionState.OPENED | ConnectionState.CURRENT;
        try {
            WriteQueue queue = connection.queue();
            if (queue.pending.head instanceof PendingWrite.TlsBarrier barrier) {
                barrier.passed = true;
                boolean unused = queue.takeWritten();
            }
            connection.settle();
        } catch (Throwable t) {
            connection.settlingFailed(t);
        } finally {
            connection.leaveTurn();
        }
    }

    /** Calls the first callback of the next handler, and those that the one before has had. */
    private static void openNext(StreamConnection connection) {
        if (!connection.isOpen()) {
            connection.state &= ~ConnectionState.NEW_HANDLER;
            return; // the next callback is onClose
        }
        connection.openHandler(null);
        if (connection.is(ConnectionState.INPUT_ENDED)
                && connection.isOpen()
                && !connection.is(ConnectionState.NEW_HANDLER)) {
            Chunk rest = connection.unread;
            connection.net().reader.reportEnd(connection, rest == null ? NOTHING.duplicate() : rest.buffer);
        }
        if (connection.is(ConnectionState.DRAIN_REPORTED)) {
            connection.state &= ~ConnectionState.DRAIN_REPORTED;
            connection.request(ConnectionState.DRAIN);
        }
        connection.request(ConnectionState.RESUMED);
    }
}
