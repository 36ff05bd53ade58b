package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.Stall;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** The watchdog names the connection whose callback does not return. */
class StallSubjectTest {
    private static final int CONNECTIONS = 20;

    private final BlockingQueue<Stall> stalls = new LinkedBlockingQueue<>();
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    private static void block(CountDownLatch until) {
        NetCase.await(until);
    }

    /** The stall that the test makes: a busy machine may report others. */
    private Object blockedSubject() throws InterruptedException {
        Stall stall;
        do {
            stall = stalls.take();
        } while (stall.stack().stream().noneMatch(frame -> frame.getMethodName().equals("block")));
        assertThat(stall.subject()).isNotNull();
        return stall.subject() == null ? "" : stall.subject();
    }

    /** Opens many connections, has the first one receive a byte, and returns what the watchdog reports. */
    private Object reported(List<Connection> opened, ConnectionHandler handler) throws Exception {
        List<SocketChannel> clients = new ArrayList<>();
        try (EventLoop loop = EventLoop.builder()
                        .direct()
                        .watchdog(Duration.ofMillis(20), stalls::add)
                        .build();
                TcpServer server = TcpServer.builder()
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .loop(loop)
                        .handlers(connection -> {
                            opened.add(connection);
                            return handler;
                        })
                        .start()) {
            loop.start();
            try {
                for (int i = 0; i < CONNECTIONS; i++) {
                    clients.add(SocketChannel.open(server.localAddress()));
                }
                NetCase.eventually("all are open", () -> opened.size() == CONNECTIONS);
                clients.get(0).write(NetCase.bytes("x"));
                return blockedSubject();
            } finally {
                mayEnd.countDown();
                for (SocketChannel each : clients) {
                    each.close();
                }
            }
        }
    }

    @Test
    void inAnEvent() throws Exception {
        List<Connection> opened = new CopyOnWriteArrayList<>();
        List<Connection> blocked = new CopyOnWriteArrayList<>();
        Object subject = reported(opened, (connection, bytes) -> {
            blocked.add(connection);
            block(mayEnd);
            bytes.position(bytes.limit());
        });
        assertThat(blocked).hasSize(1);
        assertThat(subject).isSameAs(blocked.get(0));
    }

    @Test
    void inATaskThatSettlesMany() throws Exception {
        List<Connection> opened = new CopyOnWriteArrayList<>();
        Object subject = reported(opened, (connection, bytes) -> {
            bytes.position(bytes.limit());
            for (Connection each : opened) { // they settle when this callback has returned, in one task
                if (each != connection) {
                    WriteCompletion completion = (written, buffer, failure) -> {
                        if (written == opened.get(CONNECTIONS / 2)) {
                            block(mayEnd);
                        }
                    };
                    WriteResult unused = each.write(ByteBuffer.wrap(new byte[1]), completion);
                }
            }
        });
        Connection expected = opened.get(CONNECTIONS / 2);
        assertThat(subject).isSameAs(expected);
    }
}
