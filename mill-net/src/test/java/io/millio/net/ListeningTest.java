package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.transport.TcpListener;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Where a server listens, and what a client makes of one that does not answer. */
class ListeningTest extends NetCase {
    @Test
    void aPortThatLoopsShareIsServedByAllOfThem() throws Exception {
        needsPlain();
        Set<EventLoop> served = ConcurrentHashMap.newKeySet();
        try (EventLoopGroup loops = EventLoop.builder()
                        .transport(Transport.named(kind.transport()))
                        .direct()
                        .buildGroup(2);
                TcpServer shared = TcpServer.builder()
                        .address(venue.anyAddress())
                        .loops(loops)
                        .reusePort(true)
                        .handler((connection, bytes) -> {
                            served.add(connection.loop());
                            connection.write(bytes);
                        })
                        .start()) {
            loops.loops().forEach(EventLoop::start);
            InetSocketAddress at = (InetSocketAddress) shared.localAddress();
            // The system chooses by the peer's port: that 64 of them all meet the same loop happens once in 2^63 runs.
            for (int i = 0; i < 64; i++) {
                try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
                    socket.getOutputStream().write(i);
                    assertThat(socket.getInputStream().read()).isEqualTo(i);
                }
            }
            assertThat(served).containsExactlyInAnyOrderElementsOf(loops.loops());
        }
    }

    @Test
    void aUnixDomainSocketIsServedAsATcpPortIs(@TempDir Path directory) throws IOException {
        needsPlain(); // a path has no name that a certificate could be for
        Recorder echo = tracked(Recorder.echo());
        SocketAddress at = UnixDomainSocketAddress.of(directory.resolve("socket"));
        TcpServer server = start(serverBuilder().address(at).reusePort(true).handler(echo));
        assertThat(server.localAddress()).isEqualTo(at);
        Recorder client = new Recorder();
        Connection connection = connect(client);
        assertThat(connection.remoteAddress()).isEqualTo(at);
        inClientLoop(() -> connection.write(NetCase.bytes("by file")));
        venue.until("echoed", () -> client.text().equals("by file"));
        connection.close();
        venue.until("gone", () -> server.connections() == 0);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "others refuse when the backlog is full")
    void anUnansweredConnectFailsAtItsTimeoutWithTheAddress() throws Exception {
        needsPlain();
        List<SocketChannel> waiting = new ArrayList<>();
        try (TcpListener deaf = Transport.named(kind.transport()).openListener(venue.anyAddress(), 1)) {
            for (int i = 0; i < 8; i++) {
                SocketChannel channel = SocketChannel.open();
                waiting.add(channel);
                channel.configureBlocking(false);
                channel.connect(deaf.localAddress());
            }
            CompletableFuture<Connection> connecting = client().connect(deaf.localAddress(), tracked(new Recorder()));
            venue.settle();
            venue.advance(Duration.ofMillis(4_900));
            venue.settle();
            assertThat(connecting).isNotDone();
            venue.advance(Duration.ofMillis(200));
            venue.until("given up", connecting::isDone);
            assertThat(failureOf(connecting))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageContaining("" + ((InetSocketAddress) deaf.localAddress()).getPort());
        } finally {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, disabledReason = "others refuse when the backlog is full")
    class FullBacklog {
        private final List<SocketChannel> waiting = new ArrayList<>();
        private final Recorder client = new Recorder();

        @TempDir
        @SuppressWarnings("NullAway.Init")
        Path directory;

        @SuppressWarnings("NullAway.Init")
        private ServerSocketChannel listener;

        @BeforeEach
        void fill() throws IOException {
            listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            needsPlain();
            listener.bind(UnixDomainSocketAddress.of(directory.resolve("socket")), 1);
            fillBacklog(listener, waiting);
        }

        @AfterEach
        void end() throws IOException {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
            listener.close();
        }

        private CompletableFuture<Connection> begin() throws IOException {
            CompletableFuture<Connection> connecting = client().connect(listener.getLocalAddress(), tracked(client));
            venue.settle();
            assertThat(connecting).isNotDone();
            return connecting;
        }

        @Test
        void aConnectSucceedsOnceTheListenerHasRoom() throws IOException {
            CompletableFuture<Connection> connecting = begin();
            venue.advance(Duration.ofSeconds(1));
            venue.settle();
            assertThat(connecting).isNotDone();
            listener.accept().close();
            venue.advance(Duration.ofMillis(201));
            venue.until("connected", connecting::isDone);
            Connection connection = connecting.join();
            connection.abort();
            venue.until("ended", client::isClosed);
        }

        @Test
        void aConnectFailsAtItsTimeoutAndSaysWhy() throws IOException {
            CompletableFuture<Connection> connecting = begin();
            venue.advance(Duration.ofMillis(4_900));
            venue.settle();
            assertThat(connecting).isNotDone();
            venue.advance(Duration.ofMillis(200));
            venue.until("given up", connecting::isDone);
            assertThat(failureOf(connecting)).isInstanceOf(SocketTimeoutException.class);
            assertThat(failureOf(connecting).getCause())
                    .hasMessage("the backlog of the listener is full: connecting to " + directory.resolve("socket"));
        }

        @Test
        void aConnectThatIsCancelledIsNotTriedAgain() throws IOException {
            begin().cancel(false);
            venue.settle();
            assertThat(venue.clientLoop().stats().timers()).isZero();
        }

        @Test
        void theEndOfTheLoopEndsTheConnect() throws IOException {
            CompletableFuture<Connection> connecting = begin();
            venue.clientLoop().close();
            assertThat(failureOf(connecting)).isInstanceOf(RejectedExecutionException.class);
        }

        @Test
        void aListenerThatHasGoneMeanwhileFailsTheConnectAtOnce() throws IOException {
            CompletableFuture<Connection> connecting = begin();
            listener.close();
            venue.advance(Duration.ofMillis(201));
            venue.until("failed", connecting::isDone);
            assertThat(failureOf(connecting)).isInstanceOf(ConnectException.class);
        }
    }
}
