package io.millio.net;

import io.millio.Timer;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection that is closed, aborted or whose output is shut down: created when the first of these is
 * carried out. Loop thread only.
 */
final class Closing implements Runnable {
    private final StreamConnection connection;

    /** The close timeout, while the peer has not taken the rest or not closed its side. */
    private @Nullable Timer timer;

    Closing(StreamConnection connection) {
        this.connection = connection;
    }

    /** Goes as far towards the requested end as it can now. */
    void advance() {
        boolean close = connection.requested(ConnectionState.CLOSE);
        if (connection.requested(ConnectionState.ABORT)) {
            reset(connection, CloseCause.ABORTED);
        } else if (!connection.net().writer.isAllWritten(connection)) {
            if (close) {
                startTimer();
            }
        } else if (close) {
            closeWritten();
        } else if (shutOutput() && isInputEnded() && !isCloseNotifyHeld()) {
            connection.end(CloseCause.PEER, null);
        }
    }

    /** Ends a connection with a reset, where the protocol has one. */
    static void reset(StreamConnection connection, CloseCause why) {
        TcpStream stream = connection.stream();
        try {
            if (stream.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
                stream.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            // It is gone already; then the end that follows is all there is to do.
        }
        connection.end(why, null);
    }

    private boolean isInputEnded() {
        return connection.is(ConnectionState.INPUT_ENDED);
    }

    private CloseCause cause() {
        return isInputEnded() ? CloseCause.PEER : CloseCause.LOCAL;
    }

    /** Whether the {@code close_notify} has not been taken by the system yet: then it is settled again. */
    private boolean isCloseNotifyHeld() {
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
    private void closeWritten() {
        boolean found = connection.net().reader.discard(connection);
        if (!connection.wire.isPlain() && !connection.is(ConnectionState.ENDING)) {
            if (!shutOutput() || isCloseNotifyHeld()) {
                startTimer();
                return;
            }
        }
        boolean lingers = connection.is(ConnectionState.LINGERING);
        if (connection.is(ConnectionState.INPUT_ENDED | ConnectionState.ENDING) || !(found || lingers)) {
            connection.end(cause(), null);
        } else if (!lingers && shutOutput()) {
            connection.state |= ConnectionState.LINGERING;
            startTimer();
        }
    }

    /** False if it has ended instead. */
    private boolean shutOutput() {
        if (!connection.is(ConnectionState.OUTPUT_SHUT)) {
            connection.state |= ConnectionState.OUTPUT_SHUT;
            try {
                connection.wire.shutdownOutput(connection.stream());
            } catch (IOException e) {
                if (connection.requested(ConnectionState.CLOSE)) {
                    connection.end(cause(), null); // a peer that has gone already misses nothing
                } else {
                    connection.failed(e);
                }
                return false;
            }
        }
        return true;
    }

    private void startTimer() {
        long nanos = connection.options().closeNanos();
        if (timer == null && nanos != 0 && !connection.is(ConnectionState.ENDING)) {
            timer = connection.loop().scheduleNanos(nanos, this);
        }
    }

    void stop() {
        Timer known = timer;
        if (known != null) {
            known.cancel();
        }
    }

    /** The peer has not taken the rest in time, or has not closed its side. */
    @Override
    public void run() {
        if (connection.is(ConnectionState.LINGERING)) {
            connection.end(CloseCause.LOCAL, null);
        } else {
            reset(connection, CloseCause.CLOSE_TIMEOUT);
        }
    }
}
