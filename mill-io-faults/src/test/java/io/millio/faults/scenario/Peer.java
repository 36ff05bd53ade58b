package io.millio.faults.scenario;

import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import io.millio.transport.TcpStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A client without a loop, which no fault strikes: sends bytes, collects what comes back, and looks every millisecond.
 */
class Peer {
    private final SimNetwork network;
    final TcpStream stream;
    private final byte[] expected;
    final ByteBuffer output;
    final ByteBuffer input = ByteBuffer.allocate(8192);
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private boolean connected;
    boolean ended;
    private @Nullable IOException failure;

    /** One that expects its bytes back. */
    Peer(SimNetwork network, SimHost host, SocketAddress server, int length) throws IOException {
        this(network, host, server, bytes(length), bytes(length));
    }

    Peer(SimNetwork network, SimHost host, SocketAddress server, byte[] message, byte[] expected) throws IOException {
        this.network = network;
        this.stream = host.openStream(server);
        this.expected = expected;
        this.output = ByteBuffer.wrap(message);
        look();
    }

    /** Returns bytes to send, other ones for each length. */
    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >>> 8) + length);
        }
        return bytes;
    }

    private void look() {
        if (ended) {
            return;
        }
        try {
            connected = connected || stream.finishConnect();
            if (connected) {
                exchange();
            }
        } catch (IOException e) {
            failure = e;
            end();
        }
        if (!ended) {
            network.after(Duration.ofMillis(1), this::look);
        }
    }

    /** Sends and receives what it can now. */
    void exchange() throws IOException {
        output.limit(Math.min(output.capacity(), output.position() + 40));
        stream.write(output);
        int count;
        while ((count = stream.read(input.clear())) > 0) {
            received.write(input.array(), 0, count);
        }
        if (count < 0) {
            end();
        }
    }

    final void end() {
        ended = true;
        try {
            stream.close();
        } catch (IOException e) {
            failure = e;
        }
    }

    /** Whether it was served well. */
    boolean isServed() {
        return isDone();
    }

    /** Whether all came back. */
    boolean isDone() {
        return received.size() == expected.length;
    }

    /** Whether the server ended the connection. */
    boolean isEnded() {
        return ended;
    }

    /** Whether what came back, perhaps not all, is what was sent. */
    boolean isExact() {
        byte[] got = received.toByteArray();
        return got.length <= expected.length && Arrays.equals(got, Arrays.copyOf(expected, got.length));
    }

    /** Closes from this side. */
    void close() {
        if (!ended) {
            end();
        }
    }

    @Override
    public String toString() {
        return "peer that expects " + expected.length + " bytes, got " + received.size() + (ended ? ", ended" : "")
                + ", " + failure;
    }
}
