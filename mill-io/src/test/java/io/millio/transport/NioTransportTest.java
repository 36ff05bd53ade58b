package io.millio.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NioTransportTest {
    private static final int LARGE = 16 * 1024 * 1024;

    private final EventLoop loop =
            EventLoop.builder().transport(Transport.named("nio")).direct().build();

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    @Test
    void largeHeapBuffersLeaveNoLargeDirectOnesWithTheThread() throws IOException {
        try (loop;
                TcpListener listener = loop.openListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open(listener.localAddress())) {
            client.configureBlocking(false);
            TcpStream stream = null;
            while (stream == null) {
                stream = listener.accept();
            }
            ByteBuffer large = ByteBuffer.allocate(LARGE);
            long before = directBytes();
            assertThat(stream.write(large)).isPositive();
            assertThat(stream.write(new ByteBuffer[] {ByteBuffer.allocate(1), ByteBuffer.allocate(LARGE)}, 0, 2))
                    .isNotNegative();
            assertThat(stream.read(ByteBuffer.allocate(LARGE))).isZero();
            assertThat(large.limit()).isEqualTo(LARGE);
            assertThat(directBytes() - before).isLessThan(LARGE / 8);
            stream.close();
        }
    }

    @Test
    void aRawChannelThatConnectsBecomesWritableOnceConnectedAndAgainForWriting() throws IOException {
        try (loop;
                ServerSocketChannel server =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel channel = SocketChannel.open()) {
            channel.configureBlocking(false);
            SocketAddress address = server.getLocalAddress();
            boolean pending = !channel.connect(address);
            AtomicInteger events = new AtomicInteger();
            AtomicBoolean finished = new AtomicBoolean(!pending);
            loop.register(Source.of(channel), Interest.WRITABLE, event -> {
                events.incrementAndGet();
                if (!finished.get()) {
                    finished.set(channel.finishConnect());
                }
            });
            for (int turn = 0; turn < 1000 && events.get() < 3; turn++) {
                loop.runOnce();
            }
            assertThat(events.get()).isEqualTo(3);
            assertThat(finished).isTrue();
        }
    }
}
