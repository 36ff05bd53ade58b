package io.millio.http;

import io.millio.internal.Persistently;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection, apart from what it speaks: how it is paused, ended, or taken over by another protocol. It speaks HTTP
 * until then; from then on each callback goes to the handler of that protocol. Loop thread only, but for what says
 * otherwise.
 */
abstract class UpgradableConnection implements ConnectionHandler {
    // Set once, when the connection opens, before any other object has a request of it.
    private @Nullable Connection connection;

    /** The handler of another protocol, once the connection switches to it. */
    private @Nullable ConnectionHandler successor;

    private boolean switched;

    /** Whether HTTP has paused reading, as it can't use what has come. */
    boolean paused;

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

    /** Ends the connection; bytes that the peer still sends are read, so that no reset takes the answer from it. */
    final void end(boolean lingers) {
        Connection ending = connection();
        if (lingers && !inputClosed && ending.isOpen()) {
            ending.shutdownOutput();
        } else {
            ending.close();
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

    /**
     * Passes the connection on, if the answer switches to another protocol and the connection is open.
     *
     * @param unread what has come behind the request and is left over by HTTP
     */
    final boolean switchTo(ByteBuffer unread) {
        ConnectionHandler to = successor;
        Connection passed = connection();
        if (to == null || !passed.isOpen()) {
            return false;
        }
        switched = true;
        boolean opened = false;
        try {
            leaveHttp();
            holdInput(false, unread);
            to.onOpen(passed);
            if (unread.hasRemaining() && passed.isOpen() && !passed.isReadingPaused()) {
                to.onData(passed, unread);
            }
            if (inputClosed && passed.isOpen()) {
                to.onInputClosed(passed, HttpLoop.NO_BYTES.duplicate());
            }
            if (draining && passed.isOpen()) {
                to.onDrain(passed);
            }
            opened = true;
        } catch (Throwable t) {
            Persistently.report(passed.loop(), to, t);
        } finally {
            if (!opened) {
                passed.close();
            }
        }
        return true;
    }

    /** The handler of all callbacks; null as long as HTTP is. */
    private @Nullable ConnectionHandler handler() {
        return switched ? successor : null;
    }

    // ---- from the connection

    @Override
    public final void onOpen(Connection open) {
        connection = open;
        opened(open);
    }

    @Override
    public final void onData(Connection from, ByteBuffer bytes) throws Exception {
        ConnectionHandler other = handler();
        if (other == null) {
            process(bytes);
        } else {
            other.onData(from, bytes);
        }
    }

    @Override
    public final void onWritable(Connection to) throws Exception {
        ConnectionHandler other = handler();
        if (other == null) {
            writable();
        } else {
            other.onWritable(to);
        }
    }

    @Override
    public final void onInputClosed(Connection from, ByteBuffer rest) throws Exception {
        inputClosed = true;
        ConnectionHandler other = handler();
        if (other == null) {
            inputEnded();
        } else {
            other.onInputClosed(from, rest);
        }
    }

    @Override
    public final void onDrain(Connection drained) throws Exception {
        draining = true;
        ConnectionHandler other = handler();
        if (other == null) {
            drain();
        } else {
            other.onDrain(drained);
        }
    }

    @Override
    public final void onClose(Connection gone, CloseCause cause, @Nullable Throwable failure) throws Exception {
        ConnectionHandler other = handler();
        if (other == null) {
            closed(cause, failure);
        } else {
            other.onClose(gone, cause, failure);
        }
    }
}
