package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millio.EventLoop;
import io.millio.net.frame.FrameDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Which handler a connection has, and how it gets another one. */
class HandlerChangeTest extends NetCase {
    private final Recorder first = new Recorder();
    private final Recorder second = new Recorder();
    private final Recorder client = new Recorder();

    private Connection connected() throws Exception {
        start(serverBuilder().handler(first));
        Connection connection = connect(client);
        venue.until("accepted", () -> first.connection != null);
        return connection;
    }

    @Test
    void whatIsLeftUnreadGoesToTheNextHandlerBehindItsOnOpen() throws Exception {
        first.onData = (connection, bytes) -> {
            first.received.write(bytes.get());
            connection.handler(tracked(second));
        };
        Connection connection = connected();

        connection.write(bytes("1rest"));
        venue.until("the rest has come", () -> second.text().equals("rest"));
        connection.write(bytes(" and more"));
        venue.until("more has come", () -> second.text().equals("rest and more"));
        connection.close();
        venue.until("closed", second::isClosed);

        assertThat(first.callbacks).containsExactly("open", "data");
        assertThat(second.callbacks).startsWith("open", "data").endsWith("inputClosed", "close");
        assertThat(first.text()).isEqualTo("1");
    }

    @Test
    void aDecoderLeavesTheFramesBehindAChangeToTheNextHandler() throws Exception {
        FrameDecoder lines = FrameDecoder.lines(100);
        List<String> decoded = new ArrayList<>();
        first.onData = (connection, bytes) -> lines.decode(connection, bytes, (from, line) -> {
            decoded.add(StandardCharsets.US_ASCII.decode(line).toString());
            from.handler(tracked(second));
        });
        Connection connection = connected();

        connection.write(bytes("one\ntwo\nthree\n"));
        venue.until("the rest has come", () -> second.text().equals("two\nthree\n"));

        assertThat(decoded).containsExactly("one");
        connection.close();
        venue.until("closed", second::isClosed);
    }

    @Test
    void aDecodingHandlerThatPassesOnAtTheEndOfInputDoesNotClose() throws Exception {
        needsHalfClose();
        second.onInputClosed = connection -> {
            connection.write(bytes("answer"));
            connection.close();
        };
        start(serverBuilder().handler(FrameDecoder.lines(100).handler((from, line) -> from.handler(tracked(second)))));
        Connection connection = connect(client);

        connection.write(bytes("without an end"));
        connection.shutdownOutput();
        venue.until("answered", () -> client.text().equals("answer"));
        venue.until("closed", second::isClosed);
    }

    @Test
    void theNextHandlerIsOpenedThoughNothingComes() throws Exception {
        second.onOpen = connection -> connection.write(bytes("welcome"));
        Connection connection = connected();

        venue.serverLoop().execute(() -> first.connection().handler(tracked(second)));
        venue.until("greeted", () -> client.text().equals("welcome"));
        connection.close();
        venue.until("closed", second::isClosed);

        assertThat(first.callbacks).containsExactly("open");
    }

    @Test
    void aHandlerMayPassOnInItsOnOpenAndTheNextOneToo() throws Exception {
        Recorder third = tracked(new Recorder());
        first.onOpen = connection -> connection.handler(second);
        second.onOpen = connection -> connection.handler(third);
        Connection connection = connected();

        connection.write(bytes("hello"));
        venue.until("the last one has it", () -> third.text().equals("hello"));
        connection.close();
        venue.until("closed", third::isClosed);

        assertThat(first.callbacks).containsExactly("open");
        assertThat(second.callbacks).containsExactly("open");
    }

    @Test
    void pausedReadingStaysPaused() throws Exception {
        first.onData = (connection, bytes) -> {
            connection.pauseReading();
            connection.handler(tracked(second));
        };
        Connection connection = connected();

        connection.write(bytes("unread"));
        venue.until("opened", () -> second.connection != null);
        venue.settle();
        assertThat(second.text()).isEmpty();
        second.connection().resumeReading();
        venue.until("delivered", () -> second.text().equals("unread"));
        connection.close();
        venue.until("closed", second::isClosed);
    }

    @Test
    void anEndThatWasReportedIsReportedToTheNextHandlerWithTheRest() throws Exception {
        needsHalfClose();
        first.onData = (connection, bytes) -> {};
        first.onInputClosed = connection -> connection.handler(tracked(second));
        second.onInputClosed = connection -> {
            connection.write(bytes("answer"));
            connection.close();
        };
        Connection connection = connected();

        connection.write(bytes("half"));
        connection.shutdownOutput();
        venue.until("answered", () -> client.text().equals("answer"));
        venue.until("closed", second::isClosed);

        assertThat(second.callbacks).containsExactly("open", "inputClosed", "close");
        assertThat(second.rest).isEqualTo("half");
    }

    @Test
    void theNextHandlerOfADrainingServerIsToDrain() throws Exception {
        first.onDrain = connection -> connection.handler(tracked(second));
        TcpServer server = start(serverBuilder().handler(first));
        connect(client);
        venue.until("accepted", () -> first.connection != null);

        CompletableFuture<Boolean> closed = server.close(Duration.ofSeconds(5));
        venue.until("drained", closed::isDone);

        assertThat(closed.join()).isTrue();
        assertThat(second.callbacks).startsWith("open", "drain");
    }

    @Test
    void aConnectionThatEndsFirstOnlyClosesItsNextHandler() throws Exception {
        first.onData = (connection, bytes) -> {
            connection.handler(second);
            connection.abort();
        };
        Connection connection = connected();

        connection.write(bytes("x"));
        venue.until("closed", second::isClosed);

        assertThat(second.callbacks).containsExactly("close");
        assertThat(first.callbacks).containsExactly("open", "data");
    }

    @Test
    void aNextHandlerThatFailsToOpenEndsTheConnection() throws Exception {
        expectErrors();
        second.onOpen = connection -> {
            throw new IllegalStateException("expected");
        };
        first.onData = (connection, bytes) -> connection.handler(tracked(second));
        Connection connection = connected();

        connection.write(bytes("x"));
        venue.until("closed", second::isClosed);

        assertThat(second.cause).isEqualTo(CloseCause.HANDLER_FAILED);
        assertThat(second.text()).isEmpty();
    }

    @Test
    void onlyTheLoopChangesHandlers() throws Exception {
        connected();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread other = new Thread(() -> {
            try {
                first.connection().handler(second);
            } catch (Throwable t) {
                thrown.set(t);
            }
        });
        other.start();
        other.join();

        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("only in the loop");
    }

    @Test
    void aHandlerIsChosenByTheConnection() throws Exception {
        List<Object> seen = new ArrayList<>();
        start(serverBuilder().handlers(accepted -> {
            seen.add(accepted.remoteAddress());
            seen.add(accepted.tls() != null);
            seen.add(accepted.loop().inLoop());
            return tracked(second);
        }));
        Connection connection = connect(client);
        venue.until("accepted", () -> second.connection != null);

        assertThat(seen).containsExactly(connection.localAddress(), kind.isEncrypted(), true);
    }

    @Test
    void aConnectionIsMadeOnTheLoopThatIsAskedFor() throws Exception {
        serve(first);
        CompletableFuture<Connection> connecting = client().connect(address(), venue.clientLoop(), tracked(client));
        venue.until("connected", connecting::isDone);

        assertThat(connecting.join().loop()).isSameAs(venue.clientLoop());
        try (EventLoop other = EventLoop.builder().direct().build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client().connect(address(), other, new Recorder()))
                    .withMessageContainingAll("loop", other.toString());
        }
    }
}
