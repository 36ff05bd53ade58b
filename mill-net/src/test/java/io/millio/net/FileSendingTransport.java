package io.millio.net;

import io.millio.testkit.ForwardingPoller;
import io.millio.testkit.ForwardingTransport;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.SendableFile;
import io.millio.transport.SocketSettings;
import io.millio.transport.Source;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of {@code nio}, and streams that pretend that the system sends files by itself: what is asked of it is
 * written down, and a test says what comes of that.
 */
final class FileSendingTransport extends ForwardingTransport {
    /** What a test does in the place of a call. */
    interface Act {
        void on(long position, long count) throws IOException;
    }

    /** A part of a file. */
    record Part(long position, long count) {
        boolean contains(Part other) {
            return position <= other.position && other.position + other.count <= position + count;
        }
    }

    private static final Act NOTHING = (position, count) -> {};

    final List<Part> prefetched = new CopyOnWriteArrayList<>();
    final List<Part> sent = new CopyOnWriteArrayList<>();
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();

    // Set before the transfer, read on the compute pool or in the turn.
    volatile Act onPrefetch = NOTHING;
    volatile Act onSend = NOTHING;

    /** The most that one call takes. */
    volatile long mostBytes = Long.MAX_VALUE;

    FileSendingTransport() {
        super(Transport.named("nio"));
    }

    private final class File implements SendableFile {
        private final FileChannel channel;

        File(Path path) throws IOException {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            opened.incrementAndGet();
        }

        @Override
        public long prefetch(long position, long count) throws IOException {
            onPrefetch.on(position, count);
            prefetched.add(new Part(position, count));
            return Math.max(0, Math.min(count, channel.size() - position));
        }

        @Override
        public void close() throws IOException {
            if (channel.isOpen()) {
                closed.incrementAndGet();
            }
            channel.close();
        }
    }

    private final class Stream implements TcpStream {
        private final TcpStream socket;

        Stream(TcpStream socket) {
            this.socket = socket;
        }

        @Override
        public SendableFile openFile(Path file) {
            try {
                return new File(file);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public long transferFrom(SendableFile file, long position, long count) throws IOException {
            onSend.on(position, count);
            FileChannel channel = ((File) file).channel;
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(count, mostBytes));
            channel.read(bytes, position);
            int taken = socket.write(bytes.flip());
            sent.add(new Part(position, count));
            return taken == 0 && position >= channel.size() ? -1 : taken;
        }

        // ---- the rest is the socket's

        @Override
        public boolean finishConnect() throws IOException {
            return socket.finishConnect();
        }

        @Override
        public int read(ByteBuffer to) throws IOException {
            return socket.read(to);
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            return socket.write(from);
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) throws IOException {
            return socket.write(from, offset, length);
        }

        @Override
        public void shutdownOutput() throws IOException {
            socket.shutdownOutput();
        }

        @Override
        public SocketAddress localAddress() {
            return socket.localAddress();
        }

        @Override
        public SocketAddress remoteAddress() {
            return socket.remoteAddress();
        }

        @Override
        public <T> TcpStream setOption(SocketOption<T> option, T value) throws IOException {
            socket.setOption(option, value);
            return this;
        }

        @Override
        public <T> T getOption(SocketOption<T> option) throws IOException {
            return socket.getOption(option);
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return socket.supportedOptions();
        }

        @Override
        public boolean isOpen() {
            return socket.isOpen();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }

        @Override
        public int condition() {
            return socket.condition();
        }
    }

    private static final class Unwrapping extends ForwardingPoller {
        Unwrapping(Poller poller) {
            super(poller);
        }

        @Override
        public Key add(Source source, Object attachment, Interest interest) throws IOException {
            return delegate.add(source instanceof Stream own ? own.socket : source, attachment, interest);
        }
    }

    @Override
    public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        return new Unwrapping(delegate.openPoller(eventCapacity, nanoClock));
    }

    @Override
    public TcpStream openStream(SocketAddress remote, @Nullable SocketAddress local, SocketSettings settings)
            throws IOException {
        return new Stream(delegate.openStream(remote, local, settings));
    }
}
