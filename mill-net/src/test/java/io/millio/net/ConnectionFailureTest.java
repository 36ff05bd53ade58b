package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.Resolver;
import io.millio.net.frame.FrameDecoder;
import io.millio.pool.BufferPool;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failure harms the connection that it happens on, and nothing else; what was written before is still sent. */
class ConnectionFailureTest extends NetCase {
    private final Recorder server = new Recorder();
    private final Recorder client = new Recorder();

    @Test
    void bytesOfOneThatFailsToSettleNeverReachAnother() throws Exception {
        needsPlain();
        expectErrors();
        BufferPool closed = BufferPool.builder().build();
        closed.close();
        ConnectionOptions usual = options;
        options = options.withBuffers(closed);
        server.onData = (connection, bytes) -> {
            if (bytes.get(bytes.limit() - 1) == 'f') {
                bytes.position(bytes.limit());
                connection.write(ByteBuffer.allocate(8 * 1024));
            } else {
                connection.write(bytes);
            }
        };
        start(serverBuilder().handler(server));
        options = usual;
        client.onOpen = Connection::pauseReading;
        Connection flooded = connect(client);
        venue.until("the first has failed", () -> {
            flooded.write(bytes("f"));
            return server.isClosed();
        });
        assertThat(server.cause).isEqualTo(CloseCause.FAILED);

        Recorder other = new Recorder();
        connect(other).write(bytes("hello"));
        venue.until("answered", () -> other.received.size() >= 5);
        assertThat(other.text()).isEqualTo("hello");
        flooded.abort();
        other.connection().close();
        venue.until("closed", () -> client.isClosed() && other.isClosed());
    }

    @Test
    void oneThatFailsToSettleKeepsNoOtherFromIt() throws Exception {
        needsPlain();
        expectErrors();
        List<Connection> accepted = new ArrayList<>();
        server.onOpen = accepted::add;
        server.onData = (connection, bytes) -> {
            bytes.position(bytes.limit());
            accepted.forEach(each -> each.write(bytes("news"))); // they settle one after the other, after the callback
        };
        start(serverBuilder().handler(server));
        List<Recorder> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Recorder each = new Recorder();
            clients.add(each);
            connect(each);
            int count = i + 1;
            venue.until("accepted", () -> accepted.size() == count);
        }
        StreamConnection failing = (StreamConnection) accepted.get(1);
        TcpStream stream = failing.stream();
        InvocationHandler broken = (proxy, method, arguments) -> {
            if (method.getName().equals("write")) {
                throw new IllegalStateException("expected");
            }
            return method.invoke(stream, arguments);
        };
        Class<?>[] types = {TcpStream.class};
        failing.stream = (TcpStream) Proxy.newProxyInstance(TcpStream.class.getClassLoader(), types, broken);
        clients.get(0).connection().write(bytes("go"));
        venue.until("it has ended", clients.get(1)::isClosed);
        venue.until(
                "the others are settled",
                () -> clients.stream()
                        .filter(each -> each != clients.get(1))
                        .allMatch(each -> each.text().equals("news")));
    }

    @Test
    void anAnswerInFrontOfAFrameThatIsTooLargeIsSent() throws Exception {
        FrameDecoder lines = FrameDecoder.lines(10);
        server.onData = (connection, bytes) -> lines.decode(connection, bytes, Connection::write);
        serve(server);
        connect(client).write(bytes("good\nfar too long a line\n"));
        venue.until("closed", () -> server.isClosed() && client.isClosed());

        assertThat(client.text()).isEqualTo("good");
        assertThat(server.cause).isEqualTo(CloseCause.FRAME_TOO_LARGE);
        assertThat(client.cause).isEqualTo(CloseCause.PEER);
    }

    @Test
    void whatAHandlerWroteBeforeItThrewIsSent() throws Exception {
        expectErrors();
        server.onData = (connection, bytes) -> {
            connection.write(bytes);
            throw new IllegalStateException("expected");
        };
        serve(server);
        connect(client).write(bytes("answer"));
        venue.until("closed", () -> server.isClosed() && client.isClosed());

        assertThat(client.text()).isEqualTo("answer");
        assertThat(server.cause).isEqualTo(CloseCause.HANDLER_FAILED);
        assertThat(client.cause).isEqualTo(CloseCause.PEER);
    }

    @Test
    void theEndByAnIdleTimeoutIsNoTruncation() throws Exception {
        options = options.withIdleTimeout(Duration.ofSeconds(10));
        serve(server);
        options = ConnectionOptions.DEFAULT.withBuffers(pool);
        connect(client);
        venue.until("open", () -> server.connection != null);
        venue.settle();
        venue.advance(Duration.ofSeconds(11));
        venue.until("closed", () -> server.isClosed() && client.isClosed());

        assertThat(server.cause).isEqualTo(CloseCause.IDLE_TIMEOUT);
        assertThat(client.cause).isEqualTo(CloseCause.PEER);
    }

    @Test
    void aResetAfterTheEndOfInputEndsTheConnection() throws Exception {
        Assumptions.assumeTrue(kind == Venue.Kind.EPOLL, "the transport reports errors of a socket that is not read");
        server.onInputClosed = Recorder.NOTHING;
        client.onInputClosed = Recorder.NOTHING;
        serve(server);
        Connection connection = connect(client);
        connection.shutdownOutput();
        venue.until("input closed", () -> server.callbacks.contains("inputClosed"));
        connection.abort();
        venue.until("the server's side has ended", server::isClosed);

        assertThat(server.cause).isEqualTo(CloseCause.FAILED);
    }

    @Test
    void aResetWhilePausedWithBytesUnreadEndsTheConnection() throws Exception {
        Assumptions.assumeTrue(kind == Venue.Kind.EPOLL, "the transport reports errors of a socket that is not read");
        server.onData = (connection, bytes) -> connection.pauseReading();
        serve(server);
        Connection connection = connect(client);
        connection.write(bytes("unread"));
        venue.until(
                "paused", () -> server.connection != null && server.connection().isReadingPaused());
        venue.settle();
        connection.abort();
        venue.until("the server's side has ended", server::isClosed);

        assertThat(server.cause).isEqualTo(CloseCause.FAILED);
    }

    @Test
    void aHandlerThatIsNotMadeGivesItsPlaceBack() throws Exception {
        expectErrors();
        AtomicInteger made = new AtomicInteger();
        TcpServer started = start(
                serverBuilder().maxConnections(1).maxConnectionsPerAddress(1).handlers(accepted -> {
                    if (made.incrementAndGet() <= 3) {
                        throw new IllegalStateException("expected");
                    }
                    return tracked(server);
                }));
        for (int i = 1; i <= 3; i++) {
            int turn = i;
            CompletableFuture<Connection> refused = client().connect(address(), new Recorder());
            venue.until("tried", () -> made.get() >= turn && started.connections() == 0);
            refused.cancel(false);
        }
        connect(client).write(bytes("hello"));
        venue.until("served", () -> server.text().equals("hello"));
        CompletableFuture<Boolean> drained = started.close(Duration.ofSeconds(5));
        venue.until("drained", drained::isDone);

        assertThat(drained.join()).isTrue();
        assertThat(started.connections()).isZero();
    }

    @Test
    void anAnswerInFrontOfMoreThanMayBeUnreadIsSent() throws Exception {
        options = options.withMaxUnreadBytes(100);
        server.onData = (connection, bytes) -> {
            if (bytes.get(0) == 'q') {
                bytes.position(8);
                connection.write(bytes("answer"));
            }
        };
        serve(server);
        connect(client).write(bytes("question" + "x".repeat(200)));
        venue.until("closed", () -> server.isClosed() && client.isClosed());

        assertThat(client.text()).isEqualTo("answer");
        assertThat(server.cause).isEqualTo(CloseCause.UNREAD_LIMIT);
        assertThat(server.failure).hasMessageContaining("maxUnreadBytes: 100");
        assertThat(client.cause).isEqualTo(CloseCause.PEER);
    }

    @Test
    void aPeerThatPipelinesMoreThanMayBeUnreadIsServed() throws Exception {
        options = options.withMaxUnreadBytes(4 * 1024);
        FrameDecoder lines = FrameDecoder.lines(100);
        int[] count = {0};
        server.onData = (connection, bytes) -> lines.decode(connection, bytes, (from, line) -> {
            line.position(line.limit());
            if (++count[0] % 10 == 0) {
                from.pauseReading();
                from.loop().execute(from::resumeReading);
            }
        });
        serve(server);
        Connection connection = connect(client);
        connection.write(bytes(("x".repeat(50) + "\n").repeat(500)));
        venue.until("all lines are there", () -> count[0] == 500 || server.isClosed());

        assertThat(count[0]).isEqualTo(500);
        assertThat(server.isClosed()).isFalse();
    }

    @Test
    void whatIsUnreadAtTheEndOfInputIsOffered() throws Exception {
        server.onData = (connection, bytes) -> {};
        serve(server);
        Connection connection = connect(client);
        connection.write(bytes("rest"));
        connection.close();
        venue.until("closed", () -> server.isClosed() && client.isClosed());

        assertThat(server.rest).isEqualTo("rest");
    }

    @Test
    void aConnectToADeadPortNeverReachesItself() throws Exception {
        Assumptions.assumeTrue(kind == Venue.Kind.NIO, "it takes thousands of connects, and is the same on all");
        InetAddress local = InetAddress.getLoopbackAddress();
        int dead;
        try (ServerSocket socket = new ServerSocket(0, 1, local)) {
            dead = socket.getLocalPort() ^ 1; // Linux takes ports of this kind for connects, the others for bind
        }
        SocketAddress remote = new InetSocketAddress(local, dead);
        // All ports of that kind in turn, of the range that Linux has unless set otherwise.
        for (int i = 0; i < (61_000 - 32_768) / 2; i++) {
            CompletableFuture<Connection> connecting = client().connect(remote, new Recorder());
            venue.until("refused", connecting::isDone);
            assertThat(failureOf(connecting)).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void aLookUpForWhichNoThreadCanBeMadeFailsTheConnect() {
        Resolver without = host -> {
            throw new OutOfMemoryError("unable to create native thread");
        };
        try (TcpClient client =
                TcpClient.builder().loop(venue.clientLoop()).resolver(without).build()) {
            CompletableFuture<Connection> connecting = client.connect("name.example", 1, new Recorder());
            venue.until("failed", connecting::isDone);

            assertThat(failureOf(connecting)).isInstanceOf(OutOfMemoryError.class);
        }
    }

    @Test
    void oneThatArrivesAfterItsServerHasBeenCutOffIsNotOpened() throws Exception {
        serve(new Recorder());
        SetupOptions setup = new SetupOptions(null, null, (remote, cause, failure) -> refused.add(cause), null);
        ConnectionGroup group = new ConnectionGroup(venue.clientLoop(), options, setup, null, null, null, null, null);
        inClientLoop(() -> {
            group.cutOff();
            try {
                TcpStream stream = venue.clientLoop().openStream(address());
                group.adopt(group.newConnection(client), stream);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        venue.until("refused", () -> !refused.isEmpty());

        assertThat(client.callbacks).isEmpty();
        assertThat(refused.get(0)).isEqualTo(RefusalListener.Reason.SERVER_CLOSED);
    }

    @Test
    void moreFilesThanMayBeQueuedAreRefused(@TempDir Path folder) throws Exception {
        options = options.withMaxQueuedFiles(2);
        Path file = Files.writeString(folder.resolve("file"), "content");
        serve(server);
        Connection connection = connect(client);
        CompletableFuture<Long> first = connection.transferFrom(file, 0, 7);
        CompletableFuture<Long> second = connection.transferFrom(file, 0, 7);
        assertThatThrownBy(() -> connection.transferFrom(file, 0, 7))
                .isInstanceOf(WriteRefusedException.class)
                .hasMessageContaining("maxQueuedFiles: 2");
        venue.until("both are written", () -> first.isDone() && second.isDone());
        CompletableFuture<Long> third = connection.transferFrom(file, 0, 7);
        venue.until("all have come", () -> third.isDone() && server.text().equals("content".repeat(3)));

        assertThat(third.join()).isEqualTo(7);
    }
}
