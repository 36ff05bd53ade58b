package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.LoopError;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** From onOpen to onClose. */
class ConnectionLifeTest extends NetCase {
    private final Recorder there = new Recorder();
    private final Recorder here = new Recorder();

    @Test
    void openComesFirstDataThenAndCloseLast() throws Exception {
        there.onData = Connection::write;
        serve(there);
        Connection connection = connect(here);

        connection.write(bytes("hello"));
        venue.until("echoed", () -> here.text().equals("hello"));
        connection.close();
        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertThat(here.callbacks).containsExactly("open", "data", "close");
        assertThat(there.callbacks).containsExactly("open", "data", "inputClosed", "close");
        assertThat(here.cause).isEqualTo(CloseCause.LOCAL);
        assertThat(there.cause).isEqualTo(CloseCause.PEER);
        assertThat(here.failure).isNull();
    }

    // Behaviour 31
    @Test
    void sixtyFourKibibytesAreEchoedThroughSmallBites() throws Exception {
        there.onData = (connection, bytes) -> {
            ByteBuffer bite = bytes.slice(bytes.position(), Math.min(100, bytes.remaining()));
            bytes.position(bytes.position() + bite.remaining());
            connection.write(bite);
            if (bytes.hasRemaining()) {
                connection.pauseReading();
                connection.resumeReading(); // what is left comes again without new bytes
            }
        };
        serve(there);
        byte[] sent = pattern(64 * 1024);
        Connection connection = connect(here);

        connection.write(ByteBuffer.wrap(sent));
        venue.until("echoed", () -> here.received.size() == sent.length);

        assertBytes(here.received.toByteArray(), sent);
    }

    @Test
    void whatIsLeftUnreadComesAgainInFrontOfTheNextBytes() throws Exception {
        there.onData = (connection, bytes) -> {
            if (bytes.remaining() >= 200_000) {
                there.takeAll(connection, bytes);
            }
        };
        serve(there);
        byte[] sent = pattern(200_000);
        Connection connection = connect(here);

        for (int from = 0; from < sent.length; from += 1000) {
            connection.write(ByteBuffer.wrap(sent, from, 1000));
            venue.step();
        }
        venue.until("all is there", () -> there.received.size() == sent.length);

        assertBytes(there.received.toByteArray(), sent);
        assertThat(there.callbacks.stream().filter("data"::equals).count()).isGreaterThan(3);
    }

    @Test
    void moreUnreadThanAllowedClosesWithThatCause() throws Exception {
        options = options.withMaxUnreadBytes(10_000);
        there.onData = (connection, bytes) -> {};
        serve(there);
        Connection connection = connect(here);

        connection.write(ByteBuffer.wrap(pattern(10_000)));
        venue.settle();
        assertThat(there.isClosed()).isFalse();
        connection.write(bytes("x"));
        venue.until("closed", there::isClosed);

        assertThat(there.cause).isEqualTo(CloseCause.UNREAD_LIMIT);
        venue.until("the peer sees it", here::isClosed);
    }

    @Test
    void noDataIsDeliveredWhileReadingIsPaused() throws Exception {
        there.onData = (connection, bytes) -> {
            connection.pauseReading();
            there.received.write(bytes.get());
        };
        serve(there);
        Connection connection = connect(here);

        connection.write(bytes("abc"));
        venue.until("the first byte is there", () -> there.received.size() == 1);
        connection.write(bytes("def"));
        venue.settle();
        assertThat(there.text()).isEqualTo("a");
        assertThat(there.connection().isReadingPaused()).isTrue();

        for (String expected : new String[] {"ab", "abc", "abcd", "abcde", "abcdef"}) {
            there.connection().resumeReading();
            venue.until(
                    "the next byte is there: " + expected, () -> there.text().equals(expected));
            venue.settle();
            assertThat(there.text()).isEqualTo(expected);
        }
    }

    @Test
    void aPausedConnectionUsesNoTurns() throws Exception {
        there.onOpen = Connection::pauseReading;
        serve(there);
        Connection connection = connect(here);
        connection.write(bytes("unread"));
        venue.settle();
        long before = venue.serverLoop().stats().events();

        venue.settle();

        assertThat(venue.serverLoop().stats().events()).isEqualTo(before);
    }

    // Behaviour 29
    @Test
    void afterThePeersHalfCloseTheHandlerMayStillAnswer() throws Exception {
        needsHalfClose();
        there.onInputClosed = connection -> {
            connection.write(bytes("answer to " + there.text()));
            connection.close();
        };
        serve(there);
        here.onInputClosed = Connection::close;
        Connection connection = connect(here);

        connection.write(bytes("question"));
        connection.shutdownOutput();
        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertThat(here.text()).isEqualTo("answer to question");
        assertThat(there.callbacks).containsExactly("open", "data", "inputClosed", "close");
    }

    @Test
    void bothSidesShutEndsTheConnection() throws Exception {
        there.onInputClosed = Connection::shutdownOutput;
        serve(there);
        here.onInputClosed = Recorder.NOTHING;
        connect(here).shutdownOutput();

        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertThat(there.cause).isEqualTo(CloseCause.PEER);
        assertThat(here.cause).isEqualTo(CloseCause.PEER);
    }

    // Behaviour 30
    @Test
    void anAbortIsAResetForThePeer() throws Exception {
        serve(there);
        Connection connection = connect(here);
        venue.until("accepted", () -> there.connection != null);

        connection.abort();
        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertThat(here.cause).isEqualTo(CloseCause.ABORTED);
        assertThat(there.cause).isEqualTo(CloseCause.FAILED);
        assertThat(there.failure).isInstanceOf(IOException.class);
    }

    @Test
    void aCallbackThatThrowsClosesItsConnectionAndNoOther() throws Exception {
        expectErrors();
        there.onData = (connection, bytes) -> {
            if (bytes.get() == 'x') {
                throw new IllegalStateException("planted");
            }
        };
        Recorder other = new Recorder();
        start(serverBuilder().handlers(connection -> tracked(there.connection == null ? there : other)));
        Connection first = connect(here);
        Recorder second = new Recorder();
        Connection healthy = connect(second);
        venue.until("accepted", () -> other.connection != null);

        first.write(bytes("x"));
        venue.until("closed", () -> there.isClosed() && here.isClosed());
        healthy.write(bytes("y"));
        venue.until("served", () -> other.text().equals("y"));

        assertThat(there.cause).isEqualTo(CloseCause.HANDLER_FAILED);
        assertThat(there.failure).hasMessage("planted");
        venue.until("reported", () -> !venue.errors.isEmpty());
        assertThat(venue.errors).singleElement().satisfies(error -> {
            assertThat(error.cause()).hasMessage("planted");
            assertThat(error.origin()).isEqualTo(LoopError.Origin.HANDLER);
            assertThat(error.subject()).isSameAs(there.connection);
            assertThat(error.subject().toString()).containsOnlyOnce("connection on ");
        });
        assertThat(venue.serverLoop().stats().errors()).isEqualTo(1);
    }

    @Test
    void anOpenCallbackThatThrowsEndsInOnClose() throws Exception {
        expectErrors();
        there.onOpen = connection -> {
            throw new IOException("planted");
        };
        serve(there);
        connect(here);

        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertThat(there.callbacks).containsExactly("open", "close");
        assertThat(there.cause).isEqualTo(CloseCause.HANDLER_FAILED);
    }

    @Test
    void closeInOpenIsAnEnd() throws Exception {
        there.onOpen = Connection::close;
        serve(there);
        connect(here);

        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertThat(there.cause).isEqualTo(CloseCause.LOCAL);
        assertThat(there.callbacks).containsExactly("open", "close");
    }

    @Test
    void closingTheLoopEndsItsConnectionsOnce() throws Exception {
        serve(there);
        connect(here);
        venue.until("accepted", () -> there.connection != null);

        venue.serverLoop().close();

        assertThat(there.callbacks).containsExactly("open", "close");
        assertThat(there.cause).isEqualTo(CloseCause.LOOP_CLOSED);
    }

    @Test
    void aRefusedConnectFailsTheFutureAndDoesNotCallTheHandler() throws Exception {
        TcpServer gone = serve(there);
        gone.close();
        venue.settle();

        CompletableFuture<Connection> connecting = client().connect(address(), tracked(here));
        venue.until("refused", connecting::isDone);

        assertThat(failureOf(connecting)).isInstanceOf(ConnectException.class);
        assertThat(here.callbacks).isEmpty();
    }

    @Test
    void aNameThatDoesNotResolveFailsTheFuture() {
        CompletableFuture<Connection> connecting = client().connect("host.invalid", 1, tracked(here));
        venue.until("failed", connecting::isDone);

        assertThat(failureOf(connecting)).isInstanceOf(UnknownHostException.class);
    }

    @Test
    void aNameIsLookedUpAndConnectedTo() throws Exception {
        serve(there);
        int port = ((InetSocketAddress) address()).getPort();

        CompletableFuture<Connection> connecting = client().connect("localhost", port, tracked(here));
        venue.until("connected", connecting::isDone);
        connecting.join().write(bytes("by name"));
        venue.until("received", () -> there.text().equals("by name"));

        assertThat(here.callbacks).containsExactly("open");
    }

    @Test
    void aCancelledConnectLeavesNothing() throws Exception {
        serve(there);
        CompletableFuture<Connection> connecting = client().connect(address(), tracked(here));

        connecting.cancel(false);
        venue.settle();

        assertThat(venue.clientLoop().registrations()).isZero();
    }

    @Test
    void aCloseWithBytesUnreadDoesNotTakeTheAnswerAway() throws Exception {
        // The server answers and closes while the client still sends: a plain close would be a reset.
        there.onOpen = connection -> {
            connection.pauseReading();
            connection.write(bytes("go away"));
        };
        serve(there);
        Connection connection = connect(here);
        connection.write(ByteBuffer.wrap(pattern(100_000)));
        venue.until("the server has bytes unread", () -> here.text().equals("go away"));

        there.connection().write(bytes(", please"));
        there.connection().close();
        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertThat(here.text()).isEqualTo("go away, please");
        assertThat(here.cause).isEqualTo(CloseCause.PEER);
    }

    @Test
    void aByteThatComesAfterTheCloseDoesNotTakeTheAnswerAway() throws Exception {
        byte[] answer = pattern(1 << 20);
        there.onData = (connection, bytes) -> {
            there.takeAll(connection, bytes);
            connection.write(ByteBuffer.wrap(answer));
            connection.close();
        };
        serve(there);
        here.onOpen = Connection::pauseReading;
        Connection connection = connect(here);
        connection.write(bytes("question"));
        venue.until("answered", () -> there.text().equals("question"));
        venue.settle();
        connection.write(bytes("!"));
        venue.settle();
        connection.resumeReading();
        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertBytes(here.received.toByteArray(), answer);
        assertThat(there.cause).isEqualTo(CloseCause.LOCAL);
        assertThat(here.cause).isEqualTo(CloseCause.PEER);
    }

    @Test
    void aPeerThatSendsAllBeforeItReadsGetsTheAnswerOfOneThatHasClosed() throws Exception {
        needsHalfClose();
        byte[] answer = pattern(16 << 20);
        byte[] upload = pattern(32 << 20);
        options = options.withMaxQueuedBytes(1L << 30);
        there.onOpen = connection -> {
            connection.write(ByteBuffer.wrap(answer));
            connection.close();
        };
        serve(there);
        here.onOpen = Connection::pauseReading;
        Connection connection = connect(here);
        connection.write(ByteBuffer.wrap(upload));
        venue.until("all is sent", () -> connection.queuedBytes() == 0 || here.isClosed());
        connection.resumeReading();
        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertBytes(here.received.toByteArray(), answer);
    }
}
