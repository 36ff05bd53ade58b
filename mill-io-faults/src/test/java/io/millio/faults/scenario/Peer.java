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
final class Peer {
    private final SimNetwork network;
    private final TcpStream stream;
    private final byte[] message;
    private final ByteBuffer output;
    private final ByteBuffer input = ByteBuffer.allocate(1024);
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private boolean connected;
    private boolean ended;
    private @Nullable IOException failure;

    Peer(SimNetwork network, SimHost host, SocketAddress server, int length) throws IOException {
        this.network = network;
        this.stream = host.openStream(server);
        this.message = new byte[length];
        for (int i = 0; i < length; i++) {
            message[i] = (byte) (i * 31 + (i >>> 8) + length);
        }
        this.output = ByteBuffer.wrap(message);
        look();
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

    private void exchange() throws IOException {
        output.limit(Math.min(message.length, output.position() + 40));
        stream.write(output);
        int count;
        while ((count = stream.read(input.clear())) > 0) {
            received.write(input.array(), 0, count);
        }
        if (count < 0) {
            end();
        }
    }

    private void end() {
        ended = true;
        try {
            stream.close();
        } catch (IOException e) {
            failure = e;
        }
    }

    /** Whether all came back. */
    boolean isDone() {
        return received.size() == message.length;
    }

    /** Whether the server ended the connection. */
    boolean isEnded() {
        return ended;
    }

    /** Whether what came back, perhaps not all, is what was sent. */
    boolean isExact() {
        byte[] got = received.toByteArray();
        return got.length <= message.length && Arrays.equals(got, Arrays.copyOf(message, got.length));
    }

    /** Closes from this side. */
    void close() {
        if (!ended) {
            end();
        }
    }

    @Override
    public String toString() {
        return "peer of " + message.length + " bytes, got " + received.size() + (ended ? ", ended" : "") + ", "
                + failure;
    }
}
