package io.millio.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import java.io.File;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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

    @Test
    void datagramsLeaveNoDirectMemoryWithEachThread() throws Exception {
        try (loop;
                UdpSocket socket =
                        loop.openUdp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SocketSettings.NONE)) {
            long before = directBytes();
            CountDownLatch received = new CountDownLatch(100);
            CountDownLatch end = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Thread thread = new Thread(() -> {
                    try {
                        socket.receive(ByteBuffer.allocate(100));
                        received.countDown();
                        end.await(); // what a thread keeps goes when it ends
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                threads.add(thread);
                thread.start();
                while (received.getCount() == 100 - i) {
                    Thread.onSpinWait();
                }
            }
            assertThat(directBytes() - before).isLessThan(20 * 65_536);
            end.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    /** Listens on all addresses of IPv6 where there are none, and prints what that throws. */
    static final class WithoutIpv6 {
        public static void main(String[] args) throws IOException {
            try {
                Transport.named("nio")
                        .openListener(new InetSocketAddress(InetAddress.getByAddress(new byte[16]), 0), 1);
            } catch (IOException e) {
                System.out.println("refused: " + e.getMessage());
            }
            byte[] loopback = new byte[16];
            loopback[15] = 1;
            try {
                Transport.named("nio").openStream(new InetSocketAddress(InetAddress.getByAddress(loopback), 9));
            } catch (IOException e) {
                System.out.println("refused: " + e.getMessage());
            }
        }
    }

    @Test
    void anAddressOfIpv6WhereThereIsNoneIsRefusedWithAMessage() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.net.preferIPv4Stack=true",
                        "-cp",
                        pathOf(Transport.class) + File.pathSeparator + pathOf(NioTransportTest.class),
                        WithoutIpv6.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output.lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("refused: ") && line.contains("IPv6") && line.contains(":0:0:0"));
    }

    static String pathOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }
}
