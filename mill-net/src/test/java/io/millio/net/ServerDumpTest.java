package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ServerDumpTest {
    private static final int CONNECTIONS = 1000;
    private static final int PAUSED = 100;
    private static final int UNREAD = 25;

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final List<Connection> opened = new CopyOnWriteArrayList<>();
    private final AtomicInteger left = new AtomicInteger();

    /** Leaves what it gets unread, and is stuck with an {@code s}. */
    private final class Stuck implements ConnectionHandler {
        @Override
        public void onOpen(Connection connection) {
            if (opened.size() < PAUSED) {
                connection.pauseReading();
            }
            opened.add(connection);
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            if (bytes.get(bytes.position()) == 's') {
                begun.countDown();
                NetCase.await(mayEnd);
                bytes.position(bytes.limit());
            } else {
                left.incrementAndGet();
            }
        }
    }

    @Test
    void aServerWhoseLoopIsStuckListsItsConnections() throws Exception {
        List<SocketChannel> clients = new ArrayList<>();
        try (EventLoop loop = EventLoop.builder().direct().name("stuck").build();
                TcpServer server = TcpServer.builder()
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .loop(loop)
                        .handler(new Stuck())
                        .start()) {
            loop.start();
            try {
                for (int i = 0; i < CONNECTIONS; i++) {
                    clients.add(SocketChannel.open(server.localAddress()));
                }
                NetCase.eventually("all are open", () -> opened.size() == CONNECTIONS);
                for (int i = 0; i < UNREAD; i++) {
                    clients.get(PAUSED + i).write(ByteBuffer.allocate(10 + i));
                }
                NetCase.eventually("they have read", () -> left.get() >= UNREAD);
                clients.get(CONNECTIONS - 1).write(NetCase.bytes("s"));
                begun.await();
                for (int i = 0; i < UNREAD; i++) {
                    WriteResult unused = opened.get(i).write(ByteBuffer.allocate(2000 + i));
                }
                check(server.dump());
            } finally {
                mayEnd.countDown();
                for (SocketChannel each : clients) {
                    each.close();
                }
            }
        }
    }

    private static List<String> lines(String dump, String from, String to) {
        String part = dump.substring(dump.indexOf(from) + from.length());
        return (to.isEmpty() ? part : part.substring(0, part.indexOf(to)))
                .lines()
                .toList();
    }

    private static void check(String dump) {
        assertThat(dump)
                .startsWith("server on 127.0.0.1:")
                .contains(": " + CONNECTIONS + " connections\n")
                .contains("loop stuck: driven by stuck-loop, " + (CONNECTIONS + 1) + " registrations")
                .containsPattern("\n  runs connection on ")
                .contains("ServerDumpTest$Stuck.onData")
                .contains("connections on the loops: " + CONNECTIONS + "\n")
                .contains("\n  " + (CONNECTIONS - PAUSED) + " open\n")
                .contains("\n  " + PAUSED + " paused\n");
        List<String> queued = lines(dump, "  by queued bytes:\n", "  by unread bytes:\n");
        List<String> unread = lines(dump, "  by unread bytes:\n", "  by age:\n");
        assertThat(queued).hasSize(20);
        assertThat(unread).hasSize(20);
        assertThat(lines(dump, "  by age:\n", "")).hasSize(20);
        for (int i = 0; i < 20; i++) {
            assertThat(queued.get(i))
                    .contains(": paused, in 0, out 0, queued " + (2000 + UNREAD - 1 - i) + ", unread 0, held ")
                    .endsWith("io.millio.net.ServerDumpTest$Stuck");
            int bytes = 10 + UNREAD - 1 - i;
            assertThat(unread.get(i))
                    .contains(": open, in " + bytes + ", out 0, queued 0, unread " + bytes + ", held ");
        }
    }
}
