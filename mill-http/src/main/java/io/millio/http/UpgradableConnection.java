package io.millio.http;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection, apart from what it speaks: how it is paused, ended, or passed on to the handler of another protocol.
 * Loop thread only, but for what says otherwise.
 */
abstract class UpgradableConnection implements ConnectionHandler {
    // Set once, when the connection opens, before any other object has a request of it.
    private @Nullable Connection connection;

    /** The handler of another protocol, once the connection switches to it. */
    private @Nullable ConnectionHandler successor;

    /** Whether HTTP has paused reading, as it can't use what has come. */
    boolean paused;

    /** Whether the client does not take its answers as fast as they are written. */
    boolean congested;

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

    /** The connection leaves HTTP: ends the request in progress, and all that concerns HTTP only. */
    abstract void leaveHttp();

    final void congested() {
        congested = true;
    }

    /** Pauses reading while bytes have come that can't be used yet. */
    final void holdInput(boolean blocked, ByteBuffer in) {
        if (blocked) {
            if (in.hasRemaining() && !paused) {
                paused = true;
                connection().pauseReading();
            }
        } else if (paused) {
            paused = false;
            connection().resumeReading();
        }
    }

    // ---- the other protocol

    final boolean isSwitching() {
        return successor != null;
    }

    /** The answer to the request in progress switches the connection to the protocol of a handler. */
    final void prepareSwitch(ConnectionHandler to) {
        successor = to;
    }

    /** Passes the connection on, if the answer switches to another protocol and the connection is open. */
    final boolean switchProtocol() {
        ConnectionHandler to = successor;
        if (to == null || !connection().isOpen()) {
            return false;
        }
        leaveHttp();
        holdInput(false, HttpLoop.NO_BYTES);
        connection().handler(to);
        return true;
    }

    // ---- from the connection

    @Override
    public final void onOpen(Connection open) {
        connection = open;
        opened(open);
    }

    @Override
    public final void onData(Connection from, ByteBuffer bytes) {
        process(bytes);
    }

    @Override
    public final void onWritable(Connection to) {
        writable();
    }

    @Override
    public final void onInputClosed(Connection from, ByteBuffer rest) {
        inputClosed = true;
        inputEnded();
    }

    @Override
    public final void onDrain(Connection drained) {
        draining = true;
        drain();
    }

    @Override
    public final void onClose(Connection gone, CloseCause cause, @Nullable Throwable failure) {
        closed(cause, failure);
    }
}
