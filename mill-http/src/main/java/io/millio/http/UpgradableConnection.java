package io.millio.http;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection that speaks HTTP until another protocol takes it over: from then on each callback goes to the handler of
 * that protocol. Loop thread only, but for what says otherwise.
 */
abstract class UpgradableConnection implements ConnectionHandler {
    // Set once, when the connection opens, before any other object has a request of it.
    private @Nullable Connection connection;

    private @Nullable ConnectionHandler successor;

    boolean inputClosed;

    // Volatile: written in the loop, read by the thread that answers.
    private volatile boolean draining;

    /** Any thread. */
    final Connection connection() {
        return Objects.requireNonNull(connection);
    }

    /** Any thread. */
    final boolean isDraining() {
        return draining;
    }

    // ---- the callbacks of HTTP

    abstract void opened(Connection connection);

    /** Does all that can be done with these bytes; what is left of them comes again. */
    abstract void process(ByteBuffer in);

    abstract void writable();

    /** The input has ended, behind all that was processed. */
    abstract void inputEnded();

    abstract void drain();

    abstract void closed(CloseCause cause, @Nullable Throwable failure);

    // ---- the other protocol

    /**
     * Leaves HTTP.
     *
     * @param unread what has arrived behind the request, which no other callback delivers unless it stays unread
     */
    final void switchTo(ConnectionHandler handler, ByteBuffer unread) throws Exception {
        Connection switched = connection();
        successor = handler;
        handler.onOpen(switched);
        if (unread.hasRemaining() && switched.isOpen() && !switched.isReadingPaused()) {
            handler.onData(switched, unread);
        }
        if (inputClosed && switched.isOpen()) {
            handler.onInputClosed(switched, HttpLoop.NO_BYTES.duplicate());
        }
        if (draining && switched.isOpen()) {
            handler.onDrain(switched);
        }
    }

    // ---- from the connection

    @Override
    public final void onOpen(Connection open) {
        connection = open;
        opened(open);
    }

    @Override
    public final void onData(Connection from, ByteBuffer bytes) throws Exception {
        ConnectionHandler other = successor;
        if (other == null) {
            process(bytes);
        } else {
            other.onData(from, bytes);
        }
    }

    @Override
    public final void onWritable(Connection to) throws Exception {
        ConnectionHandler other = successor;
        if (other == null) {
            writable();
        } else {
            other.onWritable(to);
        }
    }

    @Override
    public final void onInputClosed(Connection from, ByteBuffer rest) throws Exception {
        inputClosed = true;
        ConnectionHandler other = successor;
        if (other == null) {
            inputEnded();
        } else {
            other.onInputClosed(from, rest);
        }
    }

    @Override
    public final void onDrain(Connection drained) throws Exception {
        draining = true;
        ConnectionHandler other = successor;
        if (other == null) {
            drain();
        } else {
            other.onDrain(drained);
        }
    }

    @Override
    public final void onClose(Connection gone, CloseCause cause, @Nullable Throwable failure) throws Exception {
        ConnectionHandler other = successor;
        if (other == null) {
            closed(cause, failure);
        } else {
            other.onClose(gone, cause, failure);
        }
    }
}
