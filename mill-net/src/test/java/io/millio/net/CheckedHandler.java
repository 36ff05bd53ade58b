package io.millio.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Checks how callbacks come: one at a time, the first that of the opening, the last that of the end. */
abstract class CheckedHandler implements ConnectionHandler {
    private boolean inside;
    private boolean opened;
    int closes;

    @Nullable
    CloseCause cause;

    static void require(boolean held, String otherwise) {
        if (!held) {
            throw new AssertionError(otherwise);
        }
    }

    private void enter(boolean opening, String what) {
        require(!inside, what + " inside another callback");
        require(closes == 0, what + " after the end");
        require(opened != opening, opening ? "opened twice" : what + " before the opening");
        inside = true;
        opened = true;
    }

    @Override
    public final void onOpen(Connection connection) {
        enter(true, "open");
        opened(connection);
        inside = false;
    }

    @Override
    public final void onData(Connection connection, ByteBuffer bytes) {
        enter(false, "data");
        data(connection, bytes);
        inside = false;
    }

    @Override
    public final void onWritable(Connection connection) {
        enter(false, "writable");
        writable(connection);
        inside = false;
    }

    @Override
    public final void onInputClosed(Connection connection, ByteBuffer rest) {
        enter(false, "end of input");
        ended(connection);
        inside = false;
    }

    @Override
    public final void onDrain(Connection connection) {
        enter(false, "drain");
        connection.close();
        inside = false;
    }

    @Override
    public final void onClose(Connection connection, CloseCause why, @Nullable Throwable failure) {
        enter(false, "close");
        closes++;
        cause = why;
        inside = false;
    }

    void opened(Connection connection) {}

    abstract void data(Connection connection, ByteBuffer bytes);

    void writable(Connection connection) {}

    void ended(Connection connection) {
        connection.close();
    }

    void checkOver() {
        require(closes == 1, "onClose was called " + closes + " times");
    }
}
