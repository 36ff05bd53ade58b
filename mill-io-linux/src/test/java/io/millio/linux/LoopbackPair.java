package io.millio.linux;

import io.millio.EventLoop;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/** A stream of the epoll transport, and the channel at its other end. */
record LoopbackPair(TcpStream stream, SocketChannel peer) implements AutoCloseable {
    static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    static LoopbackPair open() throws IOException {
        try (TcpListener listener = epoll().openListener(ANY, 16)) {
            SocketChannel peer = SocketChannel.open(listener.localAddress());
            TcpStream stream = null;
            while (stream == null) {
                stream = listener.accept();
            }
            return new LoopbackPair(stream, peer);
        }
    }

    static Transport epoll() {
        return Transport.named("epoll");
    }

    static EventLoop directLoop() {
        return EventLoop.builder().transport(epoll()).direct().build();
    }

    @Override
    public void close() throws IOException {
        stream.close();
        peer.close();
    }
}
