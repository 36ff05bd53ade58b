package io.millio.testkit.conformance;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Peers over the sockets of the system, on the loopback address. */
final class SocketPeers implements Peers {
    private final List<Closeable> opened = new ArrayList<>();

    private record SocketPeer(SocketChannel channel) implements Peer {
        @Override
        public int write(ByteBuffer from) throws IOException {
            return channel.write(from);
        }

        @Override
        public int read(ByteBuffer to) throws IOException {
            return channel.read(to);
        }

        @Override
        public void shutdownOutput() throws IOException {
            channel.shutdownOutput();
        }

        @Override
        public void reset() throws IOException {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.close();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private final class SocketListener implements PeerListener {
        private final ServerSocketChannel channel;
        private final SocketAddress address;

        SocketListener(ServerSocketChannel channel) throws IOException {
            this.channel = channel;
            this.address = channel.getLocalAddress();
        }

        @Override
        public SocketAddress address() {
            return address;
        }

        @Override
        public @Nullable Peer accept() throws IOException {
            SocketChannel accepted = channel.accept();
            return accepted == null ? null : peer(accepted);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Override
    public SocketAddress anyAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public SocketAddress refusingAddress() throws IOException {
        // Bound but not listening, so that no other socket gets the port.
        SocketChannel mute = SocketChannel.open();
        opened.add(mute);
        return mute.bind(anyAddress()).getLocalAddress();
    }

    @Override
    public Peer connect(SocketAddress to) throws IOException {
        return peer(SocketChannel.open(to));
    }

    private Peer peer(SocketChannel channel) throws IOException {
        opened.add(channel);
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return new SocketPeer(channel);
    }

    @Override
    public PeerListener listen() throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        opened.add(channel);
        channel.configureBlocking(false);
        channel.bind(anyAddress());
        return new SocketListener(channel);
    }

    @Override
    public void close() throws IOException {
        for (Closeable each : opened) {
            each.close();
        }
    }
}
