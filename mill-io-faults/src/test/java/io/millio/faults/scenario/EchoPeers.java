package io.millio.faults.scenario;

import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A server without a loop, which no fault strikes: sends back what comes, and looks every millisecond. */
final class EchoPeers {
    private final SimNetwork network;
    private final TcpListener listener;
    private final List<TcpStream> streams = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(1024);
    private boolean closed;

    EchoPeers(SimNetwork network, SimHost host, int port) throws IOException {
        this.network = network;
        this.listener = host.openListener(host.address(port), 16, SocketSettings.NONE);
        look();
    }

    private void look() {
        if (closed) {
            return;
        }
        try {
            for (TcpStream accepted; (accepted = listener.accept()) != null; ) {
                streams.add(accepted);
            }
            for (TcpStream each : List.copyOf(streams)) {
                echo(each);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        network.after(Duration.ofMillis(1), this::look);
    }

    private void echo(TcpStream stream) throws IOException {
        int count;
        try {
            while ((count = stream.read(buffer.clear())) > 0) {
                stream.write(buffer.flip()); // the window has room for what the clients send
            }
        } catch (IOException e) {
            count = -1; // reset
        }
        if (count < 0) {
            streams.remove(stream);
            stream.close();
        }
    }

    /** How many connections have not been closed by their clients. */
    int open() {
        return streams.size();
    }

    void close() throws IOException {
        closed = true;
        listener.close();
        for (TcpStream each : streams) {
            each.close();
        }
    }
}
