package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.tls.Certificates;
import io.millio.net.tls.TestTrust;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsInfo;
import io.millio.net.wire.TlsBuffers;
import io.millio.net.wire.TlsWire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What TLS adds to a connection; that it changes nothing else, the other tests of connections show, which run encrypted
 * too.
 */
class TlsTest extends NetCase {
    private final Recorder there = Recorder.echo();
    private final Recorder here = new Recorder();

    @BeforeEach
    void encryptedOnly() {
        Assumptions.assumeTrue(kind.isEncrypted(), "of TLS");
    }

    private Throwable failureOfConnect() {
        CompletableFuture<Connection> connecting = client().connect(address(), tracked(here));
        venue.until("it has failed", connecting::isDone);
        assertThat(here.callbacks).isEmpty();
        return failureOf(connecting);
    }

    private TlsInfo infoThere() {
        venue.until("accepted", () -> there.connection != null);
        return infoOf(there.connection());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void bothSidesAgreeOnAProtocol(String protocol) throws Exception {
        serverTls = Certificates.server().applicationProtocols("b", "a").build();
        clientTls = Certificates.client()
                .protocols(protocol)
                .applicationProtocols("a", "b")
                .build();
        serve(there);
        Connection connection = connect(here);
        connection.write(bytes("hello"));
        venue.until("echoed", () -> here.text().equals("hello"));

        assertThat(infoThere().session().getProtocol()).isEqualTo(protocol);
        assertThat(infoThere().applicationProtocol()).isEqualTo("b");
        connection.close();
        venue.until("closed", () -> there.isClosed() && here.isClosed());
        assertThat(there.cause).isEqualTo(CloseCause.PEER);
    }

    @Test
    void aCertificateOfAnotherHostIsRefused() throws Exception {
        serverTls = TlsContext.server().certificates(List.of(Certificates.RSA)).build();
        clientTls = TlsContext.client().trust(Certificates.RSA.chain()).build();
        serve(there);

        assertThat(failureOfConnect()).hasStackTraceContaining("No subject alternative");
        venue.until("the server knows", () -> !refused.isEmpty());
        assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);
    }

    @Test
    void anUntrustedCertificateIsRefused() throws Exception {
        clientTls = TlsContext.client().build();
        serve(there);

        assertThat(failureOfConnect().getCause()).isInstanceOf(SSLHandshakeException.class);
        venue.until("the server knows", () -> !refused.isEmpty());
        assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.example", "x.b.example", "unknown.example"})
    void theCertificateIsThatOfTheNameAskedFor(String name) throws Exception {
        serverTls = TlsContext.server()
                .certificates(List.of(Certificates.LOCAL, Certificates.RSA, Certificates.WILDCARD))
                .build();
        TlsCertificate expected = switch (name) {
            case "a.example" -> Certificates.RSA;
            case "x.b.example" -> Certificates.WILDCARD;
            default -> Certificates.LOCAL;
        };
        clientTls = TlsContext.client()
                .trust(expected.chain())
                .serverName(name)
                .verifyHost(expected != Certificates.LOCAL)
                .build();
        serve(there);

        TlsInfo info = infoOf(connect(here));

        assertThat(info.peerCertificates()).isEqualTo(expected.chain());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientShowsItsCertificate(String protocol) throws Exception {
        serverTls = Certificates.server()
                .trust(Certificates.CLIENT.chain())
                .clientCertificate(TlsContext.ClientCertificate.REQUIRED)
                .build();
        clientTls = Certificates.client()
                .protocols(protocol)
                .certificates(List.of(Certificates.CLIENT))
                .build();
        serve(there);
        connect(here);

        assertThat(infoThere().peerCertificates()).isEqualTo(Certificates.CLIENT.chain());
    }

    @Test
    void aClientWithoutTheCertificateThatIsRequiredIsRefused() throws Exception {
        serverTls = Certificates.server()
                .trust(Certificates.CLIENT.chain())
                .clientCertificate(TlsContext.ClientCertificate.REQUIRED)
                .build();
        serve(there);
        CompletableFuture<Connection> unused = client().connect(address(), tracked(here));
        venue.until("refused", () -> !refused.isEmpty());

        assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);
        assertThat(there.callbacks).isEmpty();
        // In TLS 1.3 a client has opened before the server has looked at its certificate.
        venue.until("the client knows", () -> here.callbacks.isEmpty() || here.isClosed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionIsResumed(String protocol) throws Exception {
        clientTls = Certificates.client().protocols(protocol).build();
        start(serverBuilder().handlers(connection -> tracked(Recorder.echo())));
        Connection first = connect(here);
        first.write(bytes("x"));
        venue.until("echoed", () -> here.text().equals("x"));
        SSLSession before = infoOf(first).session();
        first.close();
        venue.until("closed", here::isClosed);

        SSLSession after = infoOf(connect(new Recorder())).session();

        // A resumed session goes on with the time at which the first began, and has its certificates without a new
        // exchange.
        assertThat(after.getCreationTime()).isEqualTo(before.getCreationTime());
    }

    private static TlsInfo infoOf(Connection connection) {
        return Objects.requireNonNull(connection.tls());
    }

    @Test
    void certificatesAreExchangedWhileConnectionsGoOn() throws Exception {
        TlsContext exchanged = Certificates.server().build();
        serverTls = exchanged;
        clientTls = TlsContext.client()
                .trust(List.of(
                        Certificates.LOCAL.chain().get(0),
                        Certificates.RSA.chain().get(0)))
                .verifyHost(false)
                .build();
        start(serverBuilder().handlers(connection -> tracked(Recorder.echo())));
        Connection before = connect(here);

        exchanged.exchangeCertificates(List.of(Certificates.RSA));
        Connection after = connect(new Recorder());
        before.write(bytes("still here"));
        venue.until("echoed", () -> here.text().equals("still here"));

        assertThat(infoOf(after).peerCertificates()).isEqualTo(Certificates.RSA.chain());
    }

    @Test
    void anEndWithoutCloseNotifyIsATruncation() throws Exception {
        serve(there);
        Connection connection = connect(here);
        connection.write(bytes("part"));
        venue.until("echoed", () -> here.text().equals("part"));

        inClientLoop(() -> {
            try {
                ((StreamConnection) connection).stream().shutdownOutput(); // below TLS
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        venue.until("the server has seen it", there::isClosed);

        assertThat(there.cause).isEqualTo(CloseCause.TRUNCATED);
        assertThat(there.callbacks).doesNotContain("inputClosed");
    }

    @Test
    void aSecondHandshakeClosesTheConnection() throws Exception {
        clientTls = Certificates.client().protocols("TLSv1.2").build();
        serve(there);
        Connection connection = connect(here);
        venue.until("accepted", () -> there.connection != null);

        inClientLoop(() -> {
            try {
                SSLEngine engine = ((TlsWire) ((StreamConnection) connection).wire).engine;
                engine.beginHandshake();
                ByteBuffer hello = ByteBuffer.allocate(TlsBuffers.RECORD_BYTES);
                engine.wrap(ByteBuffer.allocate(0), hello);
                assertThat(((StreamConnection) connection).stream().write(hello.flip()))
                        .isPositive();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        venue.until("the server has seen it", there::isClosed);

        assertThat(there.cause).isEqualTo(CloseCause.RENEGOTIATION);
    }

    /** A server asks for it by a message, and its engine goes on to wait for a hello. */
    @Test
    void aSecondHandshakeThatTheServerAsksForClosesTheConnection() throws Exception {
        Assumptions.assumeTrue(kind.protocol().equals("TLSv1.2"), "of TLS 1.2");
        serve(there);
        connect(here);
        venue.until("accepted", () -> there.connection != null);

        boolean[] asked = {false};
        venue.serverLoop().execute(() -> {
            try {
                StreamConnection accepted = (StreamConnection) there.connection();
                SSLEngine engine = ((TlsWire) accepted.wire).engine;
                engine.beginHandshake();
                ByteBuffer request = ByteBuffer.allocate(TlsBuffers.RECORD_BYTES);
                engine.wrap(ByteBuffer.allocate(0), request);
                assertThat(accepted.stream().write(request.flip())).isPositive();
                asked[0] = true;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        venue.until("the client has seen it", here::isClosed);

        assertThat(asked[0]).isTrue();
        assertThat(here.cause).isEqualTo(CloseCause.RENEGOTIATION);
    }

    /** So that it knows that the connection was not cut off. */
    @Test
    void whoBeginsASecondHandshakeGetsAFarewell() throws Exception {
        Assumptions.assumeTrue(kind.protocol().equals("TLSv1.2"), "of TLS 1.2");
        serve(there);
        try (EnginePeer peer = new EnginePeer(address(), kind.protocol())) {
            peer.handshake(venue);
            peer.handshakeAgain();
            assertThat(peer.flush()).isTrue();
            venue.until("the server has seen it", there::isClosed);

            assertThat(there.cause).isEqualTo(CloseCause.RENEGOTIATION);
            venue.until("it has come", () -> hasFarewell(peer));
        }
    }

    /** In a handshake the platform's engine calls it a mistake. */
    private static boolean hasFarewell(EnginePeer peer) {
        try {
            peer.read();
            return false;
        } catch (SSLException e) {
            assertThat(e).hasMessageContaining("close_notify");
            return true;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aThousandClientsThatStopInTheHandshakeAreClosedAtItsTimeoutAndHarmNoOther() throws Exception {
        TcpServer server = serve(there);
        Connection good = connect(here);
        List<SocketChannel> stopped = new ArrayList<>();
        try {
            for (int i = 0; i < 1_000; i++) {
                SocketChannel one = SocketChannel.open((InetSocketAddress) address());
                // The head of a record that says it has 512 bytes, and a part of them.
                one.write(ByteBuffer.wrap(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3}));
                stopped.add(one);
                venue.step();
            }
            venue.until("all are there", () -> server.connections() == 1_001);
            venue.settle();
            venue.advance(Duration.ofSeconds(9));
            venue.settle();
            assertThat(refused).isEmpty();
            good.write(bytes("meanwhile"));
            venue.until("echoed", () -> here.text().equals("meanwhile"));

            venue.advance(Duration.ofSeconds(1).plusMillis(1));
            venue.until("they are gone", () -> server.connections() == 1);

            assertThat(refused).hasSize(1_000).containsOnly(RefusalListener.Reason.HANDSHAKE_TIMEOUT);
            assertThat(pool.stats().leasedBytes()).isZero();
            assertThat(there.callbacks).doesNotContain("close");
        } finally {
            for (SocketChannel each : stopped) {
                each.close();
            }
        }
    }

    @Test
    void aServerThatDoesNotAnswerFailsTheClientAtTheTimeout() throws Exception {
        serverTls = null;
        there.onOpen = Connection::pauseReading;
        serve(there);
        CompletableFuture<Connection> connecting = client().connect(address(), tracked(here));
        venue.settle();
        venue.advance(Duration.ofSeconds(10).plusMillis(1));
        venue.until("it has failed", connecting::isDone);

        assertThat(failureOf(connecting)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void anIdleConnectionHoldsNoBuffer() throws Exception {
        serve(there);
        Connection connection = connect(here);
        connection.write(ByteBuffer.wrap(pattern(100_000)));
        venue.until("echoed", () -> here.received.size() == 100_000);
        venue.settle();

        assertThat(pool.stats().leasedBytes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"WANTED", "REQUIRED"})
    void clientCertificatesWithoutTrustAreRefused(TlsContext.ClientCertificate asked) {
        assertThatThrownBy(() -> Certificates.server().clientCertificate(asked).build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("trust: missing, must be set with clientCertificate: " + asked);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theHostNameIsVerifiedWhateverTheTrustManagerDoes(boolean right) throws Exception {
        clientTls = TlsContext.client()
                .trust(new TestTrust(chain -> {}))
                .serverName(right ? "localhost" : "a.example")
                .build();
        serve(there);
        CompletableFuture<Connection> connecting = client().connect(address(), tracked(here));
        venue.until("handshake over", connecting::isDone);

        assertThat(connecting.isCompletedExceptionally()).isNotEqualTo(right);
        if (!right) {
            assertThat(failureOf(connecting)).hasMessageContaining("a.example");
        }
    }
}
