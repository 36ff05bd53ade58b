package io.millio.testkit;

import io.millio.testkit.conformance.Peer;
import io.millio.testkit.conformance.PeerListener;
import io.millio.testkit.conformance.Peers;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Peers over the sockets of a live simulated host, on its loopback address. */
final class SimPeers implements Peers {
    private final SimHost host;
    private final List<Closeable> opened = new ArrayList<>();

    SimPeers(SimHost host) {
        this.host = host;
    }

    private record SimPeer(TcpStream stream) implements Peer {
        @Override
        public int write(ByteBuffer from) throws IOException {
            return stream.write(from);
        }

        @Override
        public int read(ByteBuffer to) throws IOException {
            return stream.read(to);
        }

        @Override
        public void shutdownOutput() throws IOException {
            stream.shutdownOutput();
        }

        @Override
        public void reset() throws IOException {
            stream.setOption(StandardSocketOptions.SO_LINGER, 0).close();
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    private final class SimPeerListener implements PeerListener {
        private final TcpListener listener;

        SimPeerListener(TcpListener listener) {
            this.listener = listener;
        }

        @Override
        public SocketAddress address() {
            return listener.localAddress();
        }

        @Override
        public @Nullable Peer accept() throws IOException {
            TcpStream accepted = listener.accept();
            return accepted == null ? null : peer(accepted);
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    @Override
    public SocketAddress anyAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public SocketAddress refusingAddress() {
        // Below the range of ports that are assigned automatically, so that no socket is bound to it.
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
    }

    @Override
    public Peer connect(SocketAddress to) throws IOException {
        TcpStream stream = host.openStream(to);
        if (!stream.finishConnect()) {
            stream.close();
            throw new ConnectException("the backlog is full: " + to);
        }
        return peer(stream);
    }

    private Peer peer(TcpStream stream) {
        opened.add(stream);
        return new SimPeer(stream);
    }

    @Override
    public PeerListener listen() throws IOException {
        TcpListener listener = host.openListener(anyAddress(), 50);
        opened.add(listener);
        return new SimPeerListener(listener);
    }

    @Override
    public boolean hasFiles() {
        return false; // a Unix-domain address is a name within its host, and no file
    }

    @Override
    public void close() throws IOException {
        for (Closeable each : opened) {
            each.close();
        }
    }
}
