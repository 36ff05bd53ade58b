package io.millio.transport.nio;

import io.millio.internal.Addresses;
import io.millio.internal.UnixSocketFile;
import io.millio.transport.Readiness;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A {@link ServerSocketChannel}. */
final class NioTcpListener extends NioSource<TcpListener> implements TcpListener {
    private final ServerSocketChannel channel;
    private final SocketAddress local;

    // Volatile: set by the thread that accepts, taken by the loop.
    private volatile @Nullable IOException acceptError;

    // Taken out by the one that unlinks it.
    private final AtomicReference<@Nullable UnixSocketFile> file;

    NioTcpListener(ServerSocketChannel channel, @Nullable UnixSocketFile file) throws IOException {
        this.channel = channel;
        this.local = channel.getLocalAddress();
        this.file = new AtomicReference<>(file);
    }

    @Override
    void closed() throws IOException {
        UnixSocketFile mine = file.getAndSet(null);
        if (mine != null) {
            mine.unlink();
        }
    }

    @Override
    ServerSocketChannel channel() {
        return channel;
    }

    @Override
    public @Nullable TcpStream accept() throws IOException {
        while (true) {
            SocketChannel peer;
            try {
                peer = channel.accept();
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                // The platform retries for connections that died, so what is left is want of descriptors or memory.
                acceptError = NioErrors.at(e, "accepting on " + Addresses.text(local));
                return null;
            }
            if (peer == null) {
                return null;
            }
            try {
                peer.configureBlocking(false);
                if (local instanceof InetSocketAddress) {
                    peer.setOption(StandardSocketOptions.TCP_NODELAY, true);
                }
                return new NioTcpStream(peer, peer.getRemoteAddress());
            } catch (IOException e) {
                peer.close(); // it was reset since it was accepted: as if it had never come
            }
        }
    }

    @Override
    public @Nullable IOException takeAcceptError() {
        IOException taken = acceptError;
        acceptError = null;
        return taken;
    }

    @Override
    public int condition() {
        return super.condition() | (acceptError == null ? 0 : Readiness.EXHAUSTED);
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public String toString() {
        return (local instanceof InetSocketAddress ? "tcp" : "unix") + " listener " + Addresses.text(local);
    }
}
