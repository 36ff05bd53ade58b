package io.millio.net;

import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.StandardSocketOptions;

/** The end of a connection that is closed, aborted or whose output is shut down. Loop thread only. */
final class Closing {
    private Closing() {}

    /** Goes as far towards the requested end as it can now. */
    static void advance(StreamConnection connection) {
        boolean close = connection.requested(ConnectionState.CLOSE);
        if (connection.requested(ConnectionState.ABORT)) {
            reset(connection, CloseCause.ABORTED);
        } else if (!connection.net().writer.isAllWritten(connection)) {
            if (close) {
                Timeouts.of(connection).closing();
            }
        } else if (close) {
            closeWritten(connection);
        } else if (shutOutput(connection)
                && connection.is(ConnectionState.INPUT_ENDED)
                && !isCloseNotifyHeld(connection)) {
            connection.end(CloseCause.PEER, null);
        }
    }

    /** Ends a connection with a reset, where the protocol has one. */
    static void reset(StreamConnection connection, CloseCause why) {
        try {
            resetOnClose(connection.stream());
        } catch (IOException e) {
            // It is gone already; then the end that follows is all there is to do.
        }
        connection.end(why, null);
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
     * All is written. A close with bytes unread would be a reset, which may discard data just sent: so if there are
     * any, the output is shut down, and input is discarded until the peer closes or the close timeout comes.
     */
    private static void closeWritten(StreamConnection connection) {
        boolean found = connection.net().reader.discard(connection);
        if (!connection.wire.isPlain() && !connection.is(ConnectionState.ENDING)) {
            if (!shutOutput(connection) || isCloseNotifyHeld(connection)) {
                Timeouts.of(connection).closing();
                return;
            }
        }
        boolean lingers = connection.is(ConnectionState.LINGERING);
        if (connection.is(ConnectionState.INPUT_ENDED | ConnectionState.ENDING) || !(found || lingers)) {
            endClosed(connection);
        } else if (!lingers && shutOutput(connection)) {
            connection.state |= ConnectionState.LINGERING;
            Timeouts.of(connection).closing();
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
