package io.millio.net;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Records the callbacks of a connection and runs the actions set by the test; fails if callbacks are nested. */
public class Recorder implements ConnectionHandler {
    /** What a test does in a callback. */
    public interface Act {
        void on(Connection connection) throws Exception;
    }

    /** What a test does with data. */
    public interface Data {
        void on(Connection connection, ByteBuffer bytes) throws Exception;
    }

    public static final Act NOTHING = connection -> {};

    public final List<String> callbacks = new CopyOnWriteArrayList<>();
    public final ByteArrayOutputStream received = new ByteArrayOutputStream();

    public Act onOpen = NOTHING;
    public Data onData = this::takeAll;
    public Act onWritable = NOTHING;
    public Act onInputClosed = Connection::close;
    public Act onDrain = Connection::close;
    public Act onIdle = NOTHING;
    public Act onClose = NOTHING;

    public volatile @Nullable Connection connection;
    public volatile @Nullable CloseCause cause;
    public volatile String rest = "";
    public volatile @Nullable Throwable failure;
    private boolean inside;
    public boolean nested;

    public Recorder() {}

    public void takeAll(Connection unused, ByteBuffer bytes) {
        byte[] taken = new byte[bytes.remaining()];
        bytes.get(taken);
        received.writeBytes(taken);
    }

    public static Recorder echo() {
        Recorder echo = new Recorder();
        echo.onData = Connection::write;
        return echo;
    }

    public Connection connection() {
        Connection known = connection;
        if (known == null) {
            throw new AssertionError("no connection yet");
        }
        return known;
    }

    public String text() {
        return received.toString(StandardCharsets.ISO_8859_1);
    }

    public boolean isClosed() {
        return cause != null;
    }

    private void enter(String what) {
        nested |= inside;
        inside = true;
        callbacks.add(what);
    }

    @Override
    public void onOpen(Connection opened) throws Exception {
        enter("open");
        connection = opened;
        try {
            onOpen.on(opened);
        } finally {
            inside = false;
        }
    }

    @Override
    public void onData(Connection from, ByteBuffer bytes) throws Exception {
        enter("data");
        try {
            onData.on(from, bytes);
        } finally {
            inside = false;
        }
    }

    @Override
    public void onWritable(Connection to) throws Exception {
        enter("writable");
        try {
            onWritable.on(to);
        } finally {
            inside = false;
        }
    }

    @Override
    public void onIdle(Connection idle) throws Exception {
        enter("idle");
        try {
            onIdle.on(idle);
        } finally {
            inside = false;
        }
    }

    @Override
    public void onInputClosed(Connection from, ByteBuffer bytes) throws Exception {
        enter("inputClosed");
        rest = StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
        try {
            onInputClosed.on(from);
        } finally {
            inside = false;
        }
    }

    @Override
    public void onDrain(Connection drained) throws Exception {
        enter("drain");
        try {
            onDrain.on(drained);
        } finally {
            inside = false;
        }
    }

    @Override
    public void onClose(Connection closed, CloseCause why, @Nullable Throwable thrown) throws Exception {
        enter("close");
        failure = thrown;
        cause = why;
        try {
            onClose.on(closed);
        } finally {
            inside = false;
        }
    }
}
