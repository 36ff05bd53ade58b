package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.frame.FrameDecoder;
import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** TLS that begins on an open connection. */
class StartTlsTest extends NetCase {
    private static final String REQUEST = "STARTTLS\n";
    private static final String AGREED = "220 go\n";

    private final TlsContext serverContext = Certificates.server().build();
    private final TlsContext clientContext = Certificates.client().build();

    private final Recorder plainServer = new Recorder();
    private final Recorder plainClient = new Recorder();
    private final Recorder server = new Recorder();
    private final Recorder client = new Recorder();
    private StartTls settings = StartTls.server(serverContext);

    @BeforeEach
    void agreeOnTls() {
        needsPlain();
        plainServer.onData = (connection, bytes) -> {
            if (bytes.remaining() < REQUEST.length()) {
                return;
            }
            byte[] request = new byte[REQUEST.length()];
            bytes.get(request);
            plainServer.received.writeBytes(request);
            connection.write(bytes(AGREED));
            connection.startTls(settings, server);
            connection.write(bytes("welcome"));
        };
        plainClient.onData = (connection, bytes) -> {
            plainClient.takeAll(connection, bytes);
            if (plainClient.text().equals(AGREED)) {
                connection.startTls(StartTls.client(clientContext, "localhost", 0), client);
            }
        };
    }

    private Connection connected() throws Exception {
        start(serverBuilder().handler(plainServer));
        CompletableFuture<Connection> connecting = client().connect(address(), plainClient);
        venue.until("connected", () -> connecting.isDone() && plainServer.connection != null);
        return connecting.join();
    }

    private void untilClosed(Recorder one) {
        venue.until("closed", one::isClosed);
    }

    @Test
    void bothSidesGoOnEncrypted() throws Exception {
        server.onData = Connection::write;
        Connection connection = connected();

        connection.write(bytes(REQUEST));
        venue.until("greeted", () -> client.text().equals("welcome"));
        connection.write(bytes(" back"));
        venue.until("echoed", () -> client.text().equals("welcome back"));
        assertThat(connection.tls()).isNotNull();
        assertThat(server.connection().tls()).isNotNull();
        connection.close();
        untilClosed(server);
        untilClosed(client);

        assertThat(plainServer.callbacks).containsExactly("open", "data");
        assertThat(plainClient.text()).isEqualTo(AGREED);
        assertThat(server.callbacks).startsWith("open").endsWith("inputClosed", "close");
        assertThat(server.cause).isEqualTo(CloseCause.PEER);
    }

    @Test
    void whatWasInjectedInPlainTextEndsTheConnection() throws Exception {
        Connection connection = connected();

        connection.write(bytes(REQUEST + "INJECTED\n"));
        untilClosed(server);
        connection.abort();

        assertThat(server.callbacks).containsExactly("close");
        assertThat(server.cause).isEqualTo(CloseCause.TLS_FAILED);
        assertThat(server.failure).hasMessageContaining("9 bytes were received in plain text");
    }

    @Test
    void aDecoderDoesNotTakeWhatWasInjectedBehindTheRequest() throws Exception {
        List<String> decoded = new ArrayList<>();
        plainServer.onData = (from, bytes) -> FrameDecoder.lines(100).decode(from, bytes, (connection, line) -> {
            decoded.add(StandardCharsets.US_ASCII.decode(line).toString());
            connection.startTls(settings, server);
        });
        Connection connection = connected();

        connection.write(bytes("STARTTLS\nINJECTED\n"));
        untilClosed(server);
        connection.abort();

        assertThat(decoded).containsExactly("STARTTLS");
        assertThat(server.cause).isEqualTo(CloseCause.TLS_FAILED);
    }

    @Test
    void bytesLeftUnreadMayBeTheBeginningOfTheHandshake() throws Exception {
        settings = settings.withUnreadAsTls();
        plainServer.onOpen = Connection::pauseReading;
        Connection connection = connected();

        // The client does not wait for the agreement.
        inClientLoop(() -> {
            connection.write(bytes(REQUEST));
            connection.startTls(StartTls.client(clientContext, "localhost", 0).withUnreadAsTls(), client);
        });
        // The plain text of the server is none of TLS: so it must not send any here.
        plainServer.onData = (accepted, bytes) -> {
            bytes.position(bytes.position() + REQUEST.length());
            assertThat(bytes.remaining()).as("of the handshake").isPositive();
            accepted.startTls(settings, server);
            accepted.write(bytes("welcome"));
        };
        for (int i = 0; i < 5; i++) {
            venue.settle();
        }
        plainServer.connection().resumeReading();
        venue.until("greeted", () -> client.text().equals("welcome"));
        connection.close();
        untilClosed(server);
        untilClosed(client);
    }

    @Test
    void nothingThatIsWrittenFromThenOnLeavesInPlainText() throws Exception {
        plainClient.onData = plainClient::takeAll;
        Connection connection = connected();

        connection.write(bytes(REQUEST));
        venue.until("agreed", () -> plainClient.text().equals(AGREED));
        Thread other = new Thread(() -> plainServer.connection().write(bytes("secret")));
        other.start();
        other.join();
        venue.settle();
        venue.settle();
        connection.write(bytes("this is no TLS record"));
        untilClosed(server);
        venue.until("ended", () -> plainClient.isClosed());

        assertThat(server.cause).isEqualTo(CloseCause.TLS_FAILED);
        assertThat(server.callbacks).containsExactly("close");
        assertThat(plainClient.text())
                .startsWith(AGREED)
                .doesNotContain("welcome")
                .doesNotContain("secret");
    }

    @Test
    void whatWasWrittenBeforeIsSentInFrontOfTheHandshake() throws Exception {
        byte[] much = new byte[4 << 20];
        new Random(1).nextBytes(much);
        ByteBuffer received = ByteBuffer.allocate(much.length);
        plainServer.onData = (connection, bytes) -> {
            bytes.position(bytes.limit());
            connection.write(ByteBuffer.wrap(much));
            connection.startTls(settings, server);
            connection.write(bytes("welcome"));
        };
        plainClient.onData = (connection, bytes) -> {
            received.put(bytes);
            if (!received.hasRemaining()) {
                connection.startTls(StartTls.client(clientContext, "localhost", 0), client);
            }
        };
        Connection connection = connected();

        connection.write(bytes(REQUEST));
        venue.until("greeted", () -> client.text().equals("welcome"));
        connection.close();
        untilClosed(server);
        untilClosed(client);

        assertBytes(received.array(), much);
    }

    @Test
    void aHandshakeThatFailsClosesTheNextHandler() throws Exception {
        TlsContext other = TlsContext.client().build(); // which does not trust the certificate
        plainClient.onData = (connection, bytes) -> {
            bytes.position(bytes.limit());
            connection.startTls(StartTls.client(other, "localhost", 0), client);
        };
        Connection connection = connected();

        connection.write(bytes(REQUEST));
        untilClosed(client);
        untilClosed(server);

        assertThat(client.cause).isEqualTo(CloseCause.TLS_FAILED);
        assertThat(client.callbacks).containsExactly("close");
        assertThat(server.cause).isEqualTo(CloseCause.TLS_FAILED);
    }

    @Test
    void closeAndAbortEndAHandshake() throws Exception {
        plainClient.onData = plainClient::takeAll;
        Connection connection = connected();

        connection.write(bytes(REQUEST));
        venue.until("agreed", () -> plainClient.text().equals(AGREED));
        plainServer.connection().close();
        untilClosed(server);
        venue.until("ended", () -> plainClient.isClosed());

        assertThat(server.cause).isEqualTo(CloseCause.LOCAL);
    }

    @Test
    void aHandshakeHasItsTimeout() throws Exception {
        plainClient.onData = plainClient::takeAll;
        Connection connection = connected();

        connection.write(bytes(REQUEST));
        venue.until("agreed", () -> plainClient.text().equals(AGREED));
        venue.advance(serverContext.handshakeTimeout().plus(Duration.ofSeconds(1)));
        untilClosed(server);
        venue.until("ended", () -> plainClient.isClosed());

        assertThat(server.cause).isEqualTo(CloseCause.HANDSHAKE_TIMEOUT);
    }

    @Test
    void tlsBeginsOnceAndInTheLoop() throws Exception {
        Throwable[] thrown = new Throwable[2];
        server.onOpen = connection -> {
            try {
                connection.startTls(settings, server);
            } catch (IllegalStateException e) {
                thrown[0] = e;
            }
        };
        Connection connection = connected();
        assertThatThrownBy(() -> {
                    if (connection.loop().inLoop()) {
                        throw new IllegalStateException("only in the loop: the test drives it");
                    }
                    connection.startTls(StartTls.client(clientContext, "localhost", 0), client);
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("only in the loop");

        connection.write(bytes(REQUEST));
        venue.until("greeted", () -> client.text().equals("welcome"));
        connection.close();
        untilClosed(server);
        untilClosed(client);

        assertThat(thrown[0]).hasMessageContaining("TLS was begun before");
        assertThatIllegalArgumentException().isThrownBy(() -> StartTls.server(clientContext));
        assertThatIllegalArgumentException().isThrownBy(() -> StartTls.client(serverContext, "localhost", 1));
    }
}
