package io.millio.net;

import io.millio.internal.Exceptions;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The end of a connection that is closed, aborted or whose output is shut down. Loop thread only. */
final class Closing {
    /** How much of a peer is read and discarded after a close. */
    private static final long MAX_DISCARDED_BYTES = 64 << 20;

    /** See {@link #endStep}. */
    private static final int END_STEPS = 11;

    private Closing() {}

    /** Goes as far towards the requested end as it can now. */
    static void advance(StreamConnection connection) {
        boolean close = connection.requested(ConnectionState.CLOSE);
        if (connection.requested(ConnectionState.ABORT)) {
            abort(connection);
            return;
        }
        connection.net().reader.discard(connection);
        if (connection.is(ConnectionState.ENDING)) {
            return;
        }
        if (!connection.net().writer.isAllWritten(connection)) {
            if (close) {
                Timeouts.of(connection).closing();
                if (connection.wire.holdsOutput() && !connection.is(ConnectionState.BLOCKED)) {
                    connection.net().later(connection); // answers of TLS to what was discarded
                }
            }
        } else if (close) {
            closeWritten(connection);
        } else if (shutOutput(connection)
                && connection.is(ConnectionState.INPUT_ENDED)
                && !isCloseNotifyHeld(connection)) {
            connection.end(CloseCause.PEER, null);
        }
    }

    /** Carries out an end that was requested while nothing is delivered: before it has opened, or in a handshake. */
    static void advanceUnopened(StreamConnection connection) {
        if (connection.requested(ConnectionState.ABORT)) {
            abort(connection);
        } else if (connection.requested(ConnectionState.CLOSE) && connection.is(ConnectionState.UPGRADING)) {
            reset(connection, CloseCause.LOCAL);
        }
    }

    private static void abort(StreamConnection connection) {
        if (connection.requested(ConnectionState.OVER_BUDGET)) {
            endOverBudget(connection, connection.group.memory.failure(connection));
        } else {
            reset(connection, CloseCause.ABORTED);
        }
    }

    /**
     * Ends a connection for want of memory: its buffers are released at once, as many may end in one turn and the
     * registration of each closes after it.
     */
    static void endOverBudget(StreamConnection connection, Throwable failure) {
        try {
            reset(connection, CloseCause.MEMORY_LIMIT, failure);
        } finally {
            connection.net().reader.releaseUnread(connection);
            if (connection.queue != null) {
                if (connection.writing != null) {
                    connection.writing.ended(connection.queuedBytes());
                }
                connection.net().writer.cancelWrites(connection);
            }
        }
    }

    /** Ends a connection with a reset, where the protocol has one. */
    static void reset(StreamConnection connection, CloseCause why) {
        reset(connection, why, null);
    }

    static void reset(StreamConnection connection, CloseCause why, @Nullable Throwable failure) {
        try {
            resetOnClose(connection.stream());
        } catch (IOException e) {
            // It is gone already; then the end that follows is all there is to do.
        }
        connection.end(why, failure);
    }

    /** Has the close of a stream reset the connection, where the protocol has that. */
    static void resetOnClose(TcpStream stream) throws IOException {
        if (stream.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
            stream.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
    }

    /** The close timeout: the peer has not taken the rest in time, or has not closed its side. */
    static void timedOut(StreamConnection connection) {
        if (connection.is(ConnectionState.LINGERING)) {
            connection.end(CloseCause.LOCAL, null);
        } else {
            reset(connection, CloseCause.CLOSE_TIMEOUT);
        }
    }

    private static void endClosed(StreamConnection connection) {
        connection.end(connection.is(ConnectionState.INPUT_ENDED) ? CloseCause.PEER : CloseCause.LOCAL, null);
    }

    /** Whether the {@code close_notify} has not been taken by the system yet: then it is settled again. */
    private static boolean isCloseNotifyHeld(StreamConnection connection) {
        if (!connection.wire.holdsOutput()) {
            return false;
        }
        connection.state |= ConnectionState.BLOCKED;
        return true;
    }

    /**
     * All is written. A close while the peer may send is a reset when it does, which may discard data just sent: so the
     * output is shut down, and input is discarded until the peer closes or the close timeout comes.
     */
    private static void closeWritten(StreamConnection connection) {
        if (!connection.is(ConnectionState.LINGERING)) {
            boolean inputEnded = connection.is(ConnectionState.INPUT_ENDED);
            if (!(inputEnded && connection.wire.isPlain())) {
                if (!shutOutput(connection)) {
                    return;
                }
                if (isCloseNotifyHeld(connection)) {
                    Timeouts.of(connection).closing();
                    return;
                }
            }
            if (!inputEnded) {
                connection.state |= ConnectionState.LINGERING;
                connection.remember(CloseCause.LOCAL, null);
                Timeouts.of(connection).lingering();
                connection.net().reader.discard(connection);
            }
        }
        if (!discardsInput(connection)) {
            endClosed(connection);
        }
    }

    /** Whether it is closed, and what the peer still sends is read and discarded: up to a number of bytes. */
    static boolean discardsInput(StreamConnection connection) {
        Timeouts known = connection.timeouts;
        return connection.requested(ConnectionState.CLOSE)
                && !connection.is(ConnectionState.INPUT_ENDED | ConnectionState.ENDING)
                && (connection.is(ConnectionState.LINGERING) || connection.wire.endsSeparately())
                && (known == null || known.discardedBytes < MAX_DISCARDED_BYTES);
    }

    /** Its registration has ended: takes each step of the end, though another one fails. */
    static void closed(StreamConnection connection, @Nullable Throwable coreFailure) {
        connection.state |= ConnectionState.ENDING;
        connection.remember(coreFailure == null ? CloseCause.LOOP_CLOSED : CloseCause.HANDLER_FAILED, coreFailure);
        connection.request(ConnectionState.ENDED);
        Throwable thrown = null;
        for (int step = 0; step < END_STEPS; step++) {
            try {
                endStep(connection, step);
            } catch (Throwable t) {
                thrown = thrown == null ? t : thrown;
            }
        }
        if (thrown != null) {
            Exceptions.rethrow(thrown);
        }
    }

    private static void endStep(StreamConnection connection, int step) throws Exception {
        if (step == 0 && connection.timeouts != null) {
            connection.timeouts.stop();
        } else if (step == 1 && connection.handshaker != null) {
            connection.handshaker.release();
        } else if (step == 2) {
            connection.net().reader.releaseUnread(connection);
        } else if (step == 3) {
            connection.wire.release();
        } else if (step == 4 && connection.reading != null) {
            connection.reading.ended(0);
        } else if (step == 5 && connection.writing != null) {
            connection.writing.ended(connection.queuedBytes());
        } else if (step == 6 && connection.is(ConnectionState.OPENED | ConnectionState.UPGRADING)) {
            connection.net().writer.cancelAndReport(connection, causeOf(connection));
        } else if (step == 7) {
            connection.group.remove(connection);
        } else if (step == 8) {
            connection.group.left(connection);
        } else if (step == 9) {
            reportUnopened(connection);
        } else if (step == 10) {
            connection.group.memory.act();
            connection.net().trimSoon();
        }
    }

    private static CloseCause causeOf(StreamConnection connection) {
        return Objects.requireNonNull(connection.cause);
    }

    private static void reportUnopened(StreamConnection connection) {
        PendingConnect attempt = connection.connecting;
        if (attempt != null) {
            connection.connecting = null;
            Throwable failure = connection.failure;
            attempt.fail(failure == null ? new RejectedExecutionException("the loop is closed") : failure);
        } else if (!connection.is(ConnectionState.OPENED | ConnectionState.UPGRADING)) {
            connection.group.refused(connection, causeOf(connection), connection.failure);
        }
    }

    /** False if it has ended instead. */
    private static boolean shutOutput(StreamConnection connection) {
        if (!connection.is(ConnectionState.OUTPUT_SHUT)) {
            connection.state |= ConnectionState.OUTPUT_SHUT;
            try {
                connection.wire.shutdownOutput(connection.stream());
            } catch (IOException e) {
                if (connection.requested(ConnectionState.CLOSE)) {
                    endClosed(connection); // a peer that has gone already misses nothing
                } else {
                    connection.failed(e);
                }
                return false;
            }
        }
        return true;
    }
}
