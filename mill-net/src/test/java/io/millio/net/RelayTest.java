package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A client, a relay in the client's loop, and a server: {@code client - front | back - server}. */
class RelayTest extends NetCase {
    private final Recorder server = new Recorder();
    private final Recorder client = new Recorder();
    private @Nullable TcpServer relay;
    private @Nullable Connection front;
    private @Nullable CompletableFuture<?> ended;

    /** Serves at the far end, and relays to it at the near one. */
    private Connection relayed() throws Exception {
        serve(server);
        TcpServerBuilder builder = TcpServer.builder()
                .address(venue.anyAddress())
                .loop(venue.clientLoop())
                .options(options)
                .handlers(accepted -> {
                    front = accepted;
                    accepted.pauseReading();
                    CompletableFuture<?> unused = client().connect(address(), accepted.loop(), (back, bytes) -> {})
                            .thenAccept(back -> ended = Relay.connect(accepted, back));
                    return (connection, bytes) -> {};
                });
        TcpServer started = (serverTls == null ? builder : builder.tls(serverTls)).start();
        relay = started;
        CompletableFuture<Connection> connecting = client().connect(started.localAddress(), tracked(client));
        venue.until("relayed", () -> connecting.isDone() && ended != null && server.connection != null);
        return connecting.join();
    }

    private void untilEnded() {
        venue.until(
                "all has ended",
                () -> ended != null
                        && ended.isDone()
                        && relay != null
                        && relay.connections() == 0
                        && client.isClosed()
                        && server.isClosed());
        if (relay != null) {
            relay.close();
        }
    }

    @Test
    void bytesGoBothWaysAndAnEndShutsTheOtherSideDown() throws Exception {
        needsHalfClose();
        server.onInputClosed = connection -> {
            connection.write(bytes("answer to the end"));
            connection.close();
        };
        Connection connection = relayed();

        connection.write(bytes("question"));
        venue.until("asked", () -> server.text().equals("question"));
        server.connection().write(bytes("answer;"));
        venue.until("answered", () -> client.text().equals("answer;"));
        connection.shutdownOutput();
        untilEnded();

        assertThat(client.text()).isEqualTo("answer;answer to the end");
        assertThat(client.cause).isEqualTo(CloseCause.PEER);
        assertThat(ended).isCompletedWithValue(null);
    }

    @Test
    void aReaderThatPausesHoldsUpTheOtherSide() throws Exception {
        byte[] much = new byte[32 << 20];
        new Random(1).nextBytes(much);
        server.onOpen = Connection::pauseReading;
        options = options.withMaxQueuedBytes(much.length + 1);
        Connection connection = relayed();

        connection.write(ByteBuffer.wrap(much));
        connection.close();
        for (int i = 0; i < 50; i++) {
            venue.settle();
        }
        assertThat(front == null ? 0 : front.queuedBytes()).isZero();
        assertThat(connection.queuedBytes()).as("waits at the client").isPositive();
        server.connection().resumeReading();
        untilEnded();

        assertBytes(server.received.toByteArray(), much);
    }

    @Test
    void anAbortedSideAbortsTheOther() throws Exception {
        Connection connection = relayed();

        connection.write(bytes("half of it"));
        venue.until("it has come", () -> server.text().equals("half of it"));
        connection.abort();
        untilEnded();

        assertThat(server.cause).isIn(CloseCause.FAILED, CloseCause.TRUNCATED);
        assertThat(ended).isCompletedExceptionally(); // with the exception of the side that failed
    }

    @Test
    void aSideThatIsClosedAtTheCallAbortsTheOther() throws Exception {
        start(serverBuilder().handlers(accepted -> new Recorder()));
        CompletableFuture<Connection> connecting = client().connect(address(), new Recorder());
        venue.until("connected", connecting::isDone);
        Connection back = connecting.join();
        Recorder gone = new Recorder();
        Connection closed = connect(gone);
        closed.abort();
        venue.until("gone", gone::isClosed);
        CompletableFuture<?>[] result = {null};
        inClientLoop(() -> result[0] = Relay.connect(back, closed));
        venue.until("ended", () -> result[0].isDone());

        assertThat(back.isOpen()).isFalse();
        assertThatThrownBy(result[0]::join)
                .cause()
                .isInstanceOfSatisfying(
                        ConnectionException.class,
                        e -> assertThat(e.closeCause()).isEqualTo(CloseCause.ABORTED));
    }

    @Test
    void bothMustBeOfTheCallingLoop() throws Exception {
        Connection connection = relayed();
        Connection accepted = server.connection();
        if (accepted.loop() != connection.loop()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Relay.connect(accepted, connection))
                    .withMessageContaining("must be on the loop of the one");
        }
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread other = new Thread(() -> {
            try {
                CompletableFuture<?> unused = Relay.connect(connection, connection);
                thrown.complete(new AssertionError("no exception"));
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        other.start();
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("only in the loop");
        connection.close();
        untilEnded();
    }
}
