package io.millio.testkit;

import io.millio.internal.Arguments;
import io.millio.transport.Readiness;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

/**
 * One end of a simulated connection, whose part a test plays line by line: no loop and no handler.
 *
 * <pre>{@code
 * network.host("client").connect(server.address(6379))
 *         .send("PING\r\n").expect("+PONG\r\n")
 *         .endOutput().expectEnd()
 *         .close();
 * }</pre>
 *
 * <p>What is sent leaves at once, as far as the window of the link allows; a call that has to wait drives the network
 * until it is done. Texts stand for their bytes in ISO 8859-1. For the thread that drives the network.
 */
public final class ScriptedPeer implements AutoCloseable {
    /** How much of what was received a message shows. */
    private static final int SHOWN_BYTES = 400;

    private final SimNetwork network;
    private final SimStream stream;
    private final ByteBuffer chunk = ByteBuffer.allocate(16 * 1024);

    /** What has been received and not been expected yet. */
    private byte[] received = {};

    private boolean ended;

    private ScriptedPeer(SimNetwork network, SimStream stream) {
        this.network = network;
        this.stream = stream;
    }

    static ScriptedPeer connect(SimNetwork network, SimStream stream) {
        boolean connected = false;
        try {
            network.runUntil("the attempt of " + stream + " has ended", () -> !stream.isConnecting());
            if (!stream.finishConnect()) {
                throw new ConnectException("still connecting: " + stream);
            }
            connected = true;
            return new ScriptedPeer(network, stream);
        } catch (IOException e) {
            throw new AssertionError("can't connect: " + e, e);
        } finally {
            if (!connected) {
                closeQuietly(stream);
            }
        }
    }

    static ScriptedPeer accepted(SimNetwork network, SimStream stream) {
        return new ScriptedPeer(network, stream);
    }

    // ---- sending

    /** Sends a text, each character of which is a byte; see {@link #send(byte[])}. */
    public ScriptedPeer send(String text) {
        return send(bytes(text, "text"));
    }

    /**
     * Sends bytes; drives the network while the window of the link is full.
     *
     * @throws AssertionError if the connection is broken, or the other end does not read
     */
    public ScriptedPeer send(byte[] bytes) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        try {
            while (left.hasRemaining()) {
                if (stream.write(left) == 0) {
                    network.runUntil(
                            left.remaining() + " more bytes can be sent by " + stream,
                            () -> (stream.ready() & Readiness.WRITABLE) != 0);
                }
            }
            return this;
        } catch (IOException e) {
            throw new AssertionError("can't send: " + e, e);
        }
    }

    /** Sends the end of the stream; what the other end sends can still be received. */
    public ScriptedPeer endOutput() {
        try {
            stream.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new AssertionError("can't end the output: " + e, e);
        }
    }

    /** Resets the connection, and closes this end. */
    public void reset() {
        try {
            stream.setOption(StandardSocketOptions.SO_LINGER, 0).close();
        } catch (IOException e) {
            throw new AssertionError("can't reset: " + e, e);
        }
    }

    // ---- expecting

    /** Receives exactly this text; see {@link #expect(byte[])}. */
    public ScriptedPeer expect(String text) {
        return expect(bytes(text, "text"));
    }

    /**
     * Receives exactly these bytes next. What comes behind them is kept for the next call.
     *
     * @throws AssertionError if other bytes come, or the stream ends or breaks before; the message shows both
     */
    public ScriptedPeer expect(byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes");
        // As soon as one byte differs, and not only when enough have come: that may never be.
        while (received.length < bytes.length && matches(bytes)) {
            receiveMore(() -> "expected: " + text(bytes));
        }
        if (!matches(bytes)) {
            throw new AssertionError("expected: " + text(bytes) + "\nreceived: " + text(received));
        }
        take(bytes.length);
        return this;
    }

    private boolean matches(byte[] bytes) {
        int count = Math.min(received.length, bytes.length);
        return Arrays.equals(received, 0, count, bytes, 0, count);
    }

    /**
     * Receives up to and including a text.
     *
     * @return the bytes received, as a text
     * @throws AssertionError if the stream ends or breaks before
     */
    public String receiveUntil(String end) {
        byte[] last = bytes(end, "end");
        int at = find(last);
        while (at < 0) {
            receiveMore(() -> "expected up to: " + text(last));
            at = find(last);
        }
        return take(at + last.length);
    }

    private int find(byte[] wanted) {
        for (int at = 0; at + wanted.length <= received.length; at++) {
            if (Arrays.equals(received, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    /**
     * Receives so many bytes.
     *
     * @throws AssertionError if the stream ends or breaks before
     */
    public byte[] receive(int count) {
        Arguments.atLeast(0, count, "count");
        while (received.length < count) {
            receiveMore(() -> "expected: " + count + " bytes");
        }
        byte[] taken = Arrays.copyOf(received, count);
        take(count);
        return taken;
    }

    /**
     * Receives all there is until the other end has ended its output.
     *
     * @return the bytes received, as a text
     * @throws AssertionError if the stream breaks, or does not end
     */
    public String receiveToEnd() {
        while (!ended) {
            receiveOnce(() -> "expected: the end");
        }
        return take(received.length);
    }

    /**
     * Expects that the other end has ended its output, and that nothing comes before that.
     *
     * @throws AssertionError if something comes, the stream breaks, or it does not end
     */
    public ScriptedPeer expectEnd() {
        while (!ended && received.length == 0) {
            receiveOnce(() -> "expected: the end");
        }
        if (received.length > 0) {
            throw new AssertionError("expected: the end\nreceived: " + text(received));
        }
        return this;
    }

    /**
     * Expects that the connection is reset; what comes before that is dropped.
     *
     * @throws AssertionError if the other end ends its output, or nothing is left to do
     */
    public ScriptedPeer expectReset() {
        network.runUntil("a reset arrives at " + stream, () -> stream.isBroken() || stream.hasEnded());
        if (!stream.isBroken()) {
            throw new AssertionError("expected: a reset, not the end of " + stream);
        }
        return this;
    }

    /**
     * Drives the network for a time, in which nothing may come: no bytes, no end, no reset.
     *
     * @param time simulated
     */
    public ScriptedPeer expectNothing(Duration time) {
        network.runFor(time);
        if (received.length == 0 && (stream.ready() & Readiness.READABLE) == 0) {
            return this;
        }
        if (received.length == 0) {
            receiveOnce(() -> "expected: nothing for " + time);
        }
        throw new AssertionError("expected: nothing for " + time + "\nreceived: "
                + (received.length > 0 ? text(received) : "the end of the stream"));
    }

    private void receiveMore(Expected expected) {
        if (ended) {
            throw new AssertionError(expected.text() + "\nreceived: " + text(received) + " and the end");
        }
        receiveOnce(expected);
    }

    /** Receives some bytes or the end, and drives the network if none is there. */
    private void receiveOnce(Expected expected) {
        try {
            int count = stream.read(chunk.clear());
            if (count < 0) {
                ended = true;
            } else if (count > 0) {
                int before = received.length;
                received = Arrays.copyOf(received, before + count);
                chunk.flip().get(received, before, count);
            } else {
                network.runUntil(
                        "more came to " + stream + ".\n" + expected.text() + "\nreceived: " + text(received) + "\n",
                        () -> (stream.ready() & Readiness.READABLE) != 0);
            }
        } catch (IOException e) {
            throw new AssertionError(expected.text() + "\nreceived: " + text(received) + ", then " + e, e);
        }
    }

    private String take(int count) {
        String taken = new String(received, 0, count, StandardCharsets.ISO_8859_1);
        received = Arrays.copyOfRange(received, count, received.length);
        return taken;
    }

    /** Builds a message only for a failure. */
    private interface Expected {
        String text();
    }

    private static byte[] bytes(String text, String argument) {
        return Objects.requireNonNull(text, argument).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        StringBuilder shown = new StringBuilder("\"");
        for (int i = 0; i < Math.min(bytes.length, SHOWN_BYTES); i++) {
            char each = (char) (bytes[i] & 0xff);
            switch (each) {
                case '\r' -> shown.append("\\r");
                case '\n' -> shown.append("\\n");
                case '"', '\\' -> shown.append('\\').append(each);
                default -> {
                    if (each >= ' ' && each < 0x7f) {
                        shown.append(each);
                    } else {
                        shown.append(String.format("\\x%02x", (int) each));
                    }
                }
            }
        }
        return shown.append('"').append(bytes.length > SHOWN_BYTES ? "..." : "").toString()
                + (bytes.length > SHOWN_BYTES ? " (" + bytes.length + " bytes)" : "");
    }

    // ---- addresses and the end

    /** Returns the address of this end. */
    public SocketAddress localAddress() {
        return stream.localAddress();
    }

    /** Returns the address of the other end. */
    public SocketAddress remoteAddress() {
        return stream.remoteAddress();
    }

    /** Closes this end: as a system does, with a reset if bytes were not received. */
    @Override
    public void close() {
        closeQuietly(stream);
    }

    private static void closeQuietly(SimStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            throw new AssertionError("can't close: " + e, e);
        }
    }

    @Override
    public String toString() {
        return "scripted peer on " + stream;
    }
}
