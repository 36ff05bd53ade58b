package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.Stall;
import io.millio.net.tls.Certificates;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

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

    private EventLoop watchedLoop() {
        return EventLoop.builder()
                .direct()
                .watchdog(Duration.ofMillis(20), stalls::add)
                .build();
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Test
    void inOnOpenBehindATaskOfTheHandshake() throws Exception {
        BlockingQueue<Connection> opened = new LinkedBlockingQueue<>();
        Recorder here = new Recorder();
        here.onOpen = connection -> {
            opened.add(connection);
            block(mayEnd);
        };
        try (TcpServer server = TcpServer.builder()
                        .address(anyPort())
                        .tls(Certificates.server().build())
                        .handler(Recorder.echo())
                        .start();
                EventLoop loop = watchedLoop();
                TcpClient client = TcpClient.builder()
                        .loop(loop)
                        .tls(Certificates.client().build())
                        .build()) {
            loop.start();
            try {
                CompletableFuture<Connection> unused = client.connect(server.localAddress(), here);
                assertThat(blockedSubject()).isSameAs(opened.take());
            } finally {
                mayEnd.countDown();
            }
        }
    }

    @Test
    void inOnOpenBehindALookUp() throws Exception {
        BlockingQueue<Connection> opened = new LinkedBlockingQueue<>();
        Recorder here = new Recorder();
        here.onOpen = connection -> {
            opened.add(connection);
            block(mayEnd);
        };
        try (TcpServer server = TcpServer.builder()
                        .address(anyPort())
                        .handler(Recorder.echo())
                        .start();
                EventLoop loop = watchedLoop();
                TcpClient client = TcpClient.builder().loop(loop).build()) {
            loop.start();
            try {
                int port = ((InetSocketAddress) server.localAddress()).getPort();
                CompletableFuture<Connection> unused = client.connect("localhost", port, here);
                assertThat(blockedSubject()).isSameAs(opened.take());
            } finally {
                mayEnd.countDown();
            }
        }
    }

    @Test
    void inTheTimeoutOfTheHandshake() throws Exception {
        BlockingQueue<SocketAddress> refused = new LinkedBlockingQueue<>();
        try (EventLoop loop = watchedLoop();
                TcpServer server = TcpServer.builder()
                        .address(anyPort())
                        .loop(loop)
                        .tls(Certificates.server()
                                .handshakeTimeout(Duration.ofMillis(1))
                                .build())
                        .refusals((remote, why, failure) -> {
                            refused.add(remote);
                            block(mayEnd);
                        })
                        .handler(Recorder.echo())
                        .start()) {
            loop.start();
            try (SocketChannel silent = SocketChannel.open(server.localAddress())) {
                Object subject = blockedSubject();
                assertThat(subject).isInstanceOf(Connection.class);
                assertThat(((Connection) subject).remoteAddress()).isEqualTo(silent.getLocalAddress());
                assertThat(refused.take()).isEqualTo(silent.getLocalAddress());
            } finally {
                mayEnd.countDown();
            }
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "others refuse when the backlog is full")
    void inTheTimeoutOfAConnect(@TempDir Path folder) throws Exception {
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                EventLoop loop = watchedLoop();
                TcpClient client = TcpClient.builder()
                        .loop(loop)
                        .connectTimeout(Duration.ofMillis(1))
                        .build()) {
            deaf.bind(UnixDomainSocketAddress.of(folder.resolve("socket")), 1);
            NetCase.fillBacklog(deaf, waiting);
            CompletableFuture<?> connecting = client.connect(deaf.getLocalAddress(), new Recorder());
            CompletableFuture<?> unused = connecting.whenComplete((connection, failure) -> block(mayEnd));
            loop.start(); // not before: the callback is to be called in the loop
            try {
                assertThat(blockedSubject()).isInstanceOf(Connection.class);
            } finally {
                mayEnd.countDown();
            }
        } finally {
            for (SocketChannel each : waiting) {
                each.close();
            }
        }
    }
}
