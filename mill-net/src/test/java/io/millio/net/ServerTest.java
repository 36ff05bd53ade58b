package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.net.frame.FrameDecoder;
import io.millio.net.frame.FrameException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The server under load, and its end. */
@SuppressWarnings("NullAway") // null is passed on purpose
class ServerTest extends NetCase {
    private final Recorder there = new Recorder();

    // Behaviour 33
    @Test
    void placesAreNeverLostUnderChurnWithClosesFromBothSides() throws Exception {
        int max = 5;
        Random random = new Random(33);
        boolean[] calm = new boolean[1];
        List<Recorder> served = new ArrayList<>();
        int[] most = new int[1];
        int[] open = new int[1];
        TcpServer server = start(serverBuilder().maxConnections(max).handlers(accepted -> {
            Recorder each = tracked(new Recorder());
            served.add(each);
            each.onOpen = connection -> {
                open[0]++;
                most[0] = Math.max(most[0], open[0]);
                switch (calm[0] ? 3 : random.nextInt(4)) {
                    case 0 -> connection.close();
                    case 1 -> connection.abort();
                    default -> {}
                }
            };
            each.onClose = connection -> open[0]--;
            return each;
        }));
        List<Recorder> clients = new ArrayList<>();
        List<CompletableFuture<Connection>> connecting = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Recorder client = tracked(new Recorder());
            client.onData = (connection, bytes) -> connection.abort();
            client.onOpen = connection -> {
                switch (random.nextInt(3)) {
                    case 0 -> connection.abort();
                    case 1 -> connection.close();
                    default -> connection.shutdownOutput();
                }
            };
            clients.add(client);
            connecting.add(client().connect(address(), client));
            if (random.nextInt(3) == 0) {
                venue.step();
            }
        }
        venue.until(
                "all have come and gone",
                () -> connecting.stream().allMatch(CompletableFuture::isDone)
                        && clients.stream().allMatch(client -> client.callbacks.isEmpty() || client.isClosed())
                        && served.stream().allMatch(Recorder::isClosed)
                        && server.connections() == 0);

        assertThat(most[0]).isLessThanOrEqualTo(max);
        assertThat(served.size()).isGreaterThan(20);
        calm[0] = true;
        Recorder last = new Recorder();
        connect(last);
        venue.until("served again", () -> server.connections() == 1);
    }

    @Test
    void aStormOfResetsAtRandomPointsLeavesNothing() throws Exception {
        Random random = new Random(20);
        byte[] data = pattern(300_000);
        TcpServer server = start(serverBuilder().handlers(connection -> tracked(Recorder.echo())));
        List<CompletableFuture<Connection>> connecting = new ArrayList<>();
        List<Recorder> clients = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            Recorder client = tracked(new Recorder());
            int point = random.nextInt(4);
            int size = 1 + random.nextInt(data.length);
            client.onOpen = connection -> {
                connection.write(ByteBuffer.wrap(data, 0, size), (to, buffer, failure) -> {
                    if (point == 1) {
                        to.abort();
                    }
                });
                if (point == 0) {
                    connection.abort();
                }
            };
            client.onData = (connection, bytes) -> {
                client.takeAll(connection, bytes);
                if (point == 2 || client.received.size() == size) {
                    connection.abort();
                }
            };
            clients.add(client);
            connecting.add(client().connect(address(), client));
            if (i % 20 == 19) {
                venue.step();
            }
        }
        venue.until("all have come", () -> connecting.stream().allMatch(CompletableFuture::isDone));
        venue.until(
                "all have gone",
                () -> server.connections() == 0
                        && clients.stream().allMatch(client -> client.callbacks.isEmpty() || client.isClosed()));

        assertThat(pool.stats().leasedBytes()).isZero();
        assertThat(venue.serverLoop().registrations()).isEqualTo(1);
        Recorder last = new Recorder();
        connect(last).write(bytes("still served"));
        venue.until("served", () -> last.text().equals("still served"));
    }

    @Test
    void aRefusalListenerThatThrowsDoesNotStopTheServer() throws Exception {
        expectErrors();
        TcpServer server = start(serverBuilder()
                .maxConnections(1)
                .refuseExcess(true)
                .refusals((remote, reason, failure) -> {
                    throw new IllegalStateException("planted");
                })
                .handlers(accepted -> tracked(Recorder.echo())));
        Connection first = connect(new Recorder());
        venue.until("served", () -> server.connections() == 1);
        Recorder second = new Recorder();
        CompletableFuture<Connection> excess = client().connect(address(), second);
        venue.until("reset", () -> second.isClosed() || excess.isCompletedExceptionally());
        first.close();
        venue.until("a place is free", () -> server.connections() == 0);
        Recorder third = new Recorder();
        connect(third).write(bytes("hello"));
        venue.until("echoed", () -> third.text().equals("hello"));
        assertThat(venue.errors).singleElement().asString().contains("planted");
    }

    @Test
    void anExcessiveConnectionIsResetWhereTheServerSaysSo() throws Exception {
        TcpServer server = start(
                serverBuilder().maxConnections(1).refuseExcess(true).handlers(accepted -> tracked(Recorder.echo())));
        Connection first = connect(new Recorder());
        venue.until("served", () -> server.connections() == 1);
        Recorder second = new Recorder();
        CompletableFuture<Connection> excess = client().connect(address(), second);
        venue.until(
                "refused",
                () -> server.excessRefused() == 1 && (second.isClosed() || excess.isCompletedExceptionally()));
        first.close();
        venue.until("a place is free", () -> server.connections() == 0);
        Recorder third = new Recorder();
        connect(third).write(bytes("hello"));
        venue.until("echoed", () -> third.text().equals("hello"));

        assertThat(server.excessRefused()).isEqualTo(1);
        assertThat(refused).containsExactly(RefusalListener.Reason.CONNECTION_LIMIT);
        third.connection().close();
        venue.until("closed", third::isClosed);
    }

    @Test
    void oneTooManyWaitsUntilAPlaceIsFree() throws Exception {
        needsPlain(); // a client in the backlog is connected, and its handshake waits
        TcpServer server = start(serverBuilder().maxConnections(1).handlers(connection -> tracked(Recorder.echo())));
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        Connection has = connect(first);
        venue.until("accepted", () -> server.connections() == 1);
        Connection waits = connect(second);
        waits.write(bytes("waiting"));
        venue.settle();
        long events = venue.serverLoop().stats().events();
        venue.settle();

        assertThat(second.text()).isEmpty();
        assertThat(venue.serverLoop().stats().events()).as("events while full").isEqualTo(events);
        has.close();
        venue.until("served", () -> second.text().equals("waiting"));
    }

    @Test
    void oneTooManyFromAnAddressIsReset() throws Exception {
        TcpServer server =
                start(serverBuilder().maxConnectionsPerAddress(2).handlers(connection -> tracked(Recorder.echo())));
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        Recorder third = new Recorder();
        connect(first);
        Connection goes = connect(second);
        CompletableFuture<Connection> refused = client().connect(address(), tracked(third));
        venue.until("the third is reset", () -> refused.isCompletedExceptionally() || third.isClosed());
        assertThat(server.connections()).isEqualTo(2);

        goes.close();
        venue.until("a place is free", () -> server.connections() == 1);
        Recorder fourth = new Recorder();
        connect(fourth).write(bytes("hello"));
        venue.until("served", () -> fourth.text().equals("hello"));
    }

    @Test
    void drainingNotifiesTheHandlersAndWaitsForThem() throws Exception {
        there.onDrain = connection -> connection.write(bytes("bye"));
        TcpServer server = serve(there);
        Recorder client = new Recorder();
        Connection connection = connect(client);
        venue.until("accepted", () -> there.connection != null);

        CompletableFuture<Boolean> drained = server.close(Duration.ofSeconds(10));
        venue.until("the goodbye is delivered", () -> client.text().equals("bye"));
        venue.settle();
        assertThat(drained).isNotDone();
        connection.close();
        venue.until("drained", drained::isDone);

        assertThat(drained).isCompletedWithValue(true);
        assertThat(there.callbacks).containsExactly("open", "drain", "inputClosed", "close");
    }

    @Test
    void drainingEndsAtItsDeadline() throws Exception {
        there.onDrain = Recorder.NOTHING;
        TcpServer server = serve(there);
        Recorder client = new Recorder();
        connect(client);
        venue.until("accepted", () -> there.connection != null);

        CompletableFuture<Boolean> drained = server.close(Duration.ofSeconds(10));
        venue.settle();
        assertThat(drained).isNotDone();
        venue.advance(Duration.ofSeconds(10));
        venue.until("drained", drained::isDone);

        assertThat(drained).isCompletedWithValue(false);
        assertThat(there.cause).isEqualTo(CloseCause.SERVER_CLOSED);
        venue.until("the client sees it", client::isClosed);
    }

    @Test
    void drainingAnIdleServerIsDoneAtOnce() throws Exception {
        assertThat(serve(there).close(Duration.ofHours(1))).isCompletedWithValue(true);
    }

    @Test
    void shuttingTheLoopDownDrainsItsConnections() throws Exception {
        there.onDrain = connection -> {
            connection.write(bytes("bye"));
            connection.close();
        };
        serve(there);
        Recorder client = new Recorder();
        connect(client);
        venue.until("accepted", () -> there.connection != null);

        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        Thread thread = new Thread(() ->
                ended.complete(venue.serverLoop().shutdown(Duration.ofHours(1)).join()));
        thread.start();
        venue.until("the loop has ended", () -> venue.serverLoop().isClosed());
        eventually("the client sees it", () -> {
            venue.clientLoop().runOnce();
            return client.isClosed();
        });

        assertThat(ended.join()).isTrue();
        assertThat(client.text()).isEqualTo("bye");
        assertThat(there.callbacks).containsExactly("open", "drain", "close");
    }

    @Test
    void onALoopWithWorkersCallbacksStillRunInTheTurn() throws Exception {
        venue.loops(EventLoop.builder().workers(2));
        boolean[] inTurn = new boolean[2];
        there.onOpen = connection -> inTurn[0] = connection.loop().inLoop();
        there.onData = (connection, bytes) -> {
            inTurn[1] = connection.loop().inLoop();
            connection.write(bytes);
        };
        serve(there);
        Recorder client = new Recorder();
        connect(client).write(bytes("where?"));
        venue.until("echoed", () -> client.text().equals("where?"));

        assertThat(inTurn).containsOnly(true);
    }

    @Test
    void aFrameOverItsMaximumClosesItsConnectionAndNoOther() throws Exception {
        FrameDecoder lines = FrameDecoder.lines(10);
        there.onData = (connection, bytes) -> lines.decode(connection, bytes, there::takeAll);
        Recorder other = new Recorder();
        start(serverBuilder().handlers(connection -> tracked(there.connection == null ? there : other)));
        Recorder bad = new Recorder();
        Recorder good = new Recorder();
        Connection talksTooMuch = connect(bad);
        Connection fine = connect(good);
        venue.until("accepted", () -> other.connection != null);

        talksTooMuch.write(bytes("ok\n12345678901\n"));
        venue.until("closed", () -> there.isClosed() && bad.isClosed());
        fine.write(bytes("still served"));
        venue.until("served", () -> other.text().equals("still served"));

        assertThat(there.text()).isEqualTo("ok");
        assertThat(there.cause).isEqualTo(CloseCause.FRAME_TOO_LARGE);
        assertThat(there.failure).isInstanceOf(FrameException.class).hasMessageContaining("11");
        assertThat(venue.errors).isEmpty();
    }

    @Test
    void manyConnectionsAreServedAndLeaveNothing() throws Exception {
        TcpServer server = start(serverBuilder().handlers(connection -> tracked(Recorder.echo())));
        List<Recorder> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Recorder client = tracked(new Recorder());
            client.onOpen = connection -> connection.write(ByteBuffer.wrap(pattern(1_000)));
            client.onData = (connection, bytes) -> {
                client.takeAll(connection, bytes);
                if (client.received.size() == 1_000) {
                    connection.close();
                }
            };
            clients.add(client);
            CompletableFuture<?> unused = client().connect(address(), client);
        }
        venue.until("all are served", () -> clients.stream().allMatch(Recorder::isClosed));
        venue.until("all have gone", () -> server.connections() == 0);

        assertThat(clients).allSatisfy(client -> assertThat(client.cause).isEqualTo(CloseCause.LOCAL));
    }

    @Test
    void badArgumentsAreNamed() {
        assertThatThrownBy(() -> TcpServer.builder().address("localhost", 65536))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("port: 65536");
        assertThatThrownBy(() -> TcpServer.builder().backlog(0)).hasMessageContaining("backlog: 0");
        assertThatThrownBy(() -> TcpServer.builder().maxConnections(0)).hasMessageContaining("maxConnections: 0");
        assertThatThrownBy(() -> TcpServer.builder().start()).hasMessageContaining("address");
        assertThatThrownBy(() -> client().connect("localhost", -1, there)).hasMessageContaining("port: -1");
        assertThatThrownBy(() -> client().connect(new InetSocketAddress("localhost", 1), null))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> ConnectionOptions.DEFAULT.withWatermarks(2, 1)).hasMessageContaining("low: 2");
        assertThatThrownBy(() -> FrameDecoder.lengthPrefixed(1, 9)).hasMessageContaining("lengthBytes: 9");
    }
}
