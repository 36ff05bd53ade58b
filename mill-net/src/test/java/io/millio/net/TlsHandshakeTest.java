package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.net.tls.Certificates;
import io.millio.net.tls.HeldTrust;
import io.millio.net.tls.TestTrust;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsContextBuilder;
import io.millio.net.tls.TlsInfo;
import io.millio.task.ComputePool;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may come between while a handshake goes on: ends of all kinds, and failures of what it computes. */
@SuppressWarnings("try")
class TlsHandshakeTest extends NetCase {
    private final Recorder there = Recorder.echo();
    private final Recorder here = new Recorder();

    @BeforeEach
    void encryptedOnly() {
        Assumptions.assumeTrue(kind.isEncrypted(), "of TLS");
    }

    private TlsContext clientThat(TestTrust trusts) {
        return TlsContext.client().protocols(kind.protocol()).trust(trusts).build();
    }

    private CompletableFuture<Connection> begin() {
        return client().connect(address(), tracked(here));
    }

    private void untilComputing(HeldTrust held) {
        venue.until("it computes", () -> held.begun.getCount() == 0);
    }

    @Test
    void aConnectThatIsCancelledWhileItComputesLeavesNothing() throws Exception {
        HeldTrust held = new HeldTrust();
        clientTls = clientThat(held.trust());
        TcpServer server = serve(there);
        CompletableFuture<Connection> connecting = begin();
        untilComputing(held);

        connecting.cancel(false);
        venue.until("the socket is closed", () -> venue.clientLoop().registrations() == 0);
        held.goOn.countDown();
        held.over.await();
        venue.until("the server knows", () -> server.connections() == 0);

        assertThat(here.callbacks).isEmpty();
        assertThat(pool.stats().leasedBytes()).isZero();
    }

    @Test
    void theTimeoutComesWhileItComputes() throws Exception {
        HeldTrust held = new HeldTrust();
        clientTls = clientThat(held.trust());
        TcpServer server = serve(there);
        CompletableFuture<Connection> connecting = begin();
        untilComputing(held);

        venue.advance(Duration.ofSeconds(11));
        venue.until("it has failed", connecting::isDone);
        held.goOn.countDown();
        held.over.await();
        venue.until("the server knows", () -> server.connections() == 0);

        assertThat(failureOf(connecting)).hasMessageContaining("not done within");
    }

    @Test
    void theLoopClosesWhileItComputes() throws Exception {
        HeldTrust held = new HeldTrust();
        clientTls = clientThat(held.trust());
        serve(there);
        CompletableFuture<Connection> connecting = begin();
        untilComputing(held);

        venue.clientLoop().execute(held.goOn::countDown); // what closes waits for what is computed
        venue.clientLoop().close();
        held.goOn.countDown();

        assertThat(connecting).isDone();
        held.over.await();
    }

    /** Between the loop's refusal of tasks and the end of the connection; then its end is the loop's alone. */
    @Test
    void whatIsComputedWhileTheLoopClosesTouchesNothing() throws Exception {
        HeldTrust held = new HeldTrust();
        CountDownLatch computed = new CountDownLatch(1);
        venue.loops(EventLoop.builder()
                .direct()
                .computePool(ComputePool.builder()
                        .executor(task -> new Thread(() -> {
                                    task.run();
                                    if (held.over.getCount() == 0) {
                                        computed.countDown();
                                    }
                                })
                                .start())
                        .build()));
        start(serverBuilder().handlers(connection -> tracked(Recorder.echo())));
        Recorder first = new Recorder();
        first.onClose = connection -> {
            held.goOn.countDown();
            assertThat(computed.await(20, TimeUnit.SECONDS)).isTrue();
        };
        connect(first);
        CompletableFuture<Connection> connecting = TcpClient.builder()
                .loop(venue.clientLoop())
                .options(options)
                .tls(clientThat(held.trust()))
                .build()
                .connect(address(), tracked(here));
        untilComputing(held);

        venue.clientLoop().close();

        assertThat(first.isClosed()).isTrue();
        assertThat(failureOf(connecting)).isInstanceOf(RejectedExecutionException.class);
        assertThat(here.callbacks).isEmpty();
        assertThat(pool.stats().leasedBytes()).isZero();
    }

    /** A server that looks at a client's certificate, in TLS 1.3: whose client opens before the server has looked. */
    private HeldTrust heldOnceTheClientIsOpen() {
        HeldTrust held = new HeldTrust();
        serverTls = Certificates.server()
                .trust(held.trust())
                .clientCertificate(TlsContext.ClientCertificate.REQUIRED)
                .build();
        clientTls = Certificates.client()
                .protocols("TLSv1.3")
                .certificates(List.of(Certificates.CLIENT))
                .build();
        return held;
    }

    /** The poller reports it once. */
    @Test
    void whatComesWhileItComputesWaitsWithoutASpin() throws Exception {
        HeldTrust held = heldOnceTheClientIsOpen();
        serve(there);
        Connection connection = connect(here);
        untilComputing(held);
        connection.write(bytes("early"));
        venue.settle();
        long before = venue.serverLoop().stats().events();
        venue.settle();

        assertThat(venue.serverLoop().stats().events()).isEqualTo(before);
        held.goOn.countDown();
        venue.until("echoed", () -> here.text().equals("early"));
    }

    @Test
    void aPeerThatLeavesWhileItComputesIsSeenAfterwardsWithoutASpin() throws Exception {
        HeldTrust held = heldOnceTheClientIsOpen();
        TcpServer server = serve(there);
        Connection connection = connect(here);
        untilComputing(held);
        connection.abort();
        venue.settle();
        long before = venue.serverLoop().stats().events();
        venue.settle();

        assertThat(venue.serverLoop().stats().events()).isEqualTo(before);
        held.goOn.countDown();
        venue.until("it is gone", () -> server.connections() == 0);
    }

    @Test
    void aHandshakeUnderWayKeepsTheCertificatesThatItBeganWith() throws Exception {
        TlsContext exchanged = Certificates.server().build();
        serverTls = exchanged;
        TcpServer server = start(serverBuilder().handlers(connection -> tracked(Recorder.echo())));
        try (EnginePeer peer = new EnginePeer(address(), kind.protocol())) {
            venue.until("it is there", () -> server.connections() == 1);
            venue.settle();

            exchanged.exchangeCertificates(List.of(Certificates.RSA));
            peer.handshake(venue); // it trusts the old one only

            assertThat(peer.engine.getSession().getPeerCertificates())
                    .containsExactly(Certificates.LOCAL.chain().get(0));
        }
    }

    /** The one has had padding oracles, the other groups that the server made up. */
    @ParameterizedTest
    @CsvSource({
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, false",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, true",
        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, false",
        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, true"
    })
    void weakerSuitesAreTakenOnlyWhenAskedFor(String suite, boolean asked) throws Exception {
        TlsCertificate own = suite.contains("_RSA_") ? Certificates.RSA : Certificates.LOCAL;
        TlsContextBuilder server = TlsContext.server().certificates(List.of(own));
        serverTls = asked ? server.cipherSuites(suite).build() : server.build();
        clientTls = TlsContext.client()
                .trust(own.chain())
                .verifyHost(false)
                .protocols("TLSv1.2")
                .cipherSuites(suite)
                .build();
        serve(there);
        CompletableFuture<Connection> connecting = client().connect(address(), here);
        venue.until("decided", connecting::isDone);

        assertThat(connecting.isCompletedExceptionally()).isNotEqualTo(asked);
    }

    /** Each has one or the other, its key and its names, whatever it computes while they change. */
    @Test
    void handshakesGoOnWhileCertificatesAreExchanged() throws Exception {
        TlsContext exchanged = Certificates.server().build();
        serverTls = exchanged;
        start(serverBuilder().handlers(connection -> Recorder.echo()));
        AtomicBoolean over = new AtomicBoolean();
        Thread exchanging = new Thread(() -> {
            for (int i = 0; !over.get(); i++) {
                exchanged.exchangeCertificates(List.of(i % 2 == 0 ? Certificates.WILDCARD : Certificates.LOCAL));
            }
        });
        exchanging.start();
        try {
            for (int i = 0; i < 20; i++) {
                Recorder one = new Recorder();
                TlsContext fresh = TlsContext.client() // which has no session to resume
                        .protocols(kind.protocol())
                        .trust(List.of(
                                Certificates.LOCAL.chain().get(0),
                                Certificates.WILDCARD.chain().get(0)))
                        .verifyHost(false)
                        .build();
                CompletableFuture<Connection> connecting = TcpClient.builder()
                        .loop(venue.clientLoop())
                        .options(options)
                        .tls(fresh)
                        .build()
                        .connect(address(), one);
                venue.until("connected", connecting::isDone);
                Connection connection = connecting.join();
                connection.write(bytes("x"));
                venue.until("echoed", () -> one.text().equals("x"));
                connection.close();
                venue.until("closed", one::isClosed);
            }
        } finally {
            over.set(true);
            exchanging.join();
        }

        assertThat(refused).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(classes = {CertificateException.class, IllegalStateException.class, StackOverflowError.class})
    void whatATrustManagerThrowsFailsTheConnect(Class<? extends Throwable> kindOfFailure) throws Exception {
        Throwable thrown = kindOfFailure.getConstructor(String.class).newInstance("not this one");
        clientTls = clientThat(new TestTrust(chain -> raise(thrown)));
        serve(there);
        CompletableFuture<Connection> connecting = begin();
        venue.until("it has failed", connecting::isDone);
        venue.until("the server knows", () -> !refused.isEmpty());

        assertThat(failureOf(connecting)).hasStackTraceContaining(thrown.toString());
        assertThat(here.callbacks).isEmpty();
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void raise(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void anUntrustedClientIsRefusedWithTheReason() throws Exception {
        serverTls = Certificates.server()
                .trust(new TestTrust(chain -> {
                    throw new CertificateException("not this one");
                }))
                .clientCertificate(TlsContext.ClientCertificate.WANTED)
                .build();
        clientTls = Certificates.client()
                .protocols(kind.protocol())
                .certificates(List.of(Certificates.CLIENT))
                .build();
        List<String> why = new CopyOnWriteArrayList<>();
        TcpServer server = start(serverBuilder()
                .refusals((remote, cause, failure) -> {
                    refused.add(cause);
                    why.add(String.valueOf(failure));
                })
                .handler(tracked(there)));
        CompletableFuture<Connection> connecting = begin();
        venue.until("refused", () -> !refused.isEmpty());

        assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);
        assertThat(why).singleElement().asString().contains("not this one");
        assertThat(there.callbacks).isEmpty();
        // In TLS 1.3 the client has opened before the server has looked.
        venue.until("the client knows", () -> here.isClosed() || connecting.isCompletedExceptionally());
        venue.until("the connection is released", () -> server.connections() == 0);
    }

    @Test
    void protocolsWithoutOneInCommonAreRefused() throws Exception {
        serverTls = Certificates.server().applicationProtocols("a").build();
        clientTls = Certificates.client()
                .protocols(kind.protocol())
                .applicationProtocols("b")
                .build();
        serve(there);
        CompletableFuture<Connection> connecting = begin();
        venue.until("it has failed", connecting::isDone);
        venue.until("the server knows", () -> !refused.isEmpty());

        assertThat(failureOf(connecting)).hasStackTraceContaining("no_application_protocol");
        assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);
        assertThat(here.callbacks).isEmpty();
    }

    @Test
    void withAPeerThatDoesNotSpeakOfProtocolsNoneIsAgreedOn() throws Exception {
        serverTls = Certificates.server().applicationProtocols("a").build();
        serve(there);
        TlsInfo info = Objects.requireNonNull(connect(here).tls());

        assertThat(info.applicationProtocol()).isEmpty();
    }

    /** The head of a record that says it has 512 bytes, and a part of them. */
    private SocketChannel halfAHello(TcpServer server) throws Exception {
        SocketChannel one = SocketChannel.open(address());
        one.write(ByteBuffer.wrap(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3}));
        venue.until("it is there", () -> server.connections() == 1);
        venue.settle();
        return one;
    }

    @Test
    void aHandshakeThatDoesNotEndIsCutOffWhenTheServerHasDrained() throws Exception {
        TcpServer server = serve(there);
        try (SocketChannel unused = halfAHello(server)) {
            CompletableFuture<Boolean> drained = server.close(Duration.ofSeconds(5));
            venue.settle();
            assertThat(refused).isEmpty();

            venue.advance(Duration.ofSeconds(5).plusMillis(1));
            venue.until("drained", drained::isDone);

            assertThat(drained).isCompletedWithValue(false);
            assertThat(refused).containsExactly(RefusalListener.Reason.SERVER_CLOSED);
            assertThat(pool.stats().leasedBytes()).isZero();
        }
    }

    @Test
    void aHandshakeThatEndsWhileTheServerDrainsOpensAndIsDrained() throws Exception {
        HeldTrust held = new HeldTrust();
        clientTls = clientThat(held.trust());
        TcpServer server = serve(there);
        CompletableFuture<Connection> connecting = begin();
        untilComputing(held);

        CompletableFuture<Boolean> drained = server.close(Duration.ofSeconds(5));
        venue.settle();
        held.goOn.countDown();
        venue.until("drained", drained::isDone);
        venue.until("the client knows", () -> here.isClosed() || connecting.isCompletedExceptionally());

        assertThat(drained).isCompletedWithValue(true);
        assertThat(there.callbacks).contains("open", "drain");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerThatLeavesInTheMiddleIsNoFailureOfTheLoop(boolean reset) throws Exception {
        TcpServer server = serve(there);
        SocketChannel one = halfAHello(server);
        if (reset) {
            one.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        one.close();
        venue.until("it is gone", () -> server.connections() == 0);

        assertThat(refused).hasSize(1).containsAnyOf(RefusalListener.Reason.TRUNCATED, RefusalListener.Reason.FAILED);
    }

    @Test
    void dataMayComeTogetherWithTheEndOfTheHandshake() throws Exception {
        here.onOpen = connection -> {
            connection.write(bytes("at once"));
            connection.close();
        };
        there.onData = there::takeAll;
        serve(there);
        connect(here);
        venue.until("both have ended", () -> there.isClosed() && here.isClosed());

        assertThat(there.text()).isEqualTo("at once");
        assertThat(there.cause).isEqualTo(CloseCause.PEER);
    }
}
