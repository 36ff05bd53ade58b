package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsContextBuilder;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a running server or client trusts is exchanged. */
@SuppressWarnings("try")
class TlsTrustExchangeTest extends NetCase {
    private static final List<X509Certificate> OLD = Certificates.CLIENT.chain();
    private static final List<X509Certificate> NEW = Certificates.NEW_CLIENT.chain();

    @TempDir
    Path folder;

    @BeforeEach
    void encryptedOnly() {
        Assumptions.assumeTrue(kind.isEncrypted(), "of TLS");
    }

    private static TlsContextBuilder trustingOld() {
        return Certificates.server().trust(OLD).clientCertificate(TlsContext.ClientCertificate.REQUIRED);
    }

    private TlsContext serve(TlsContext context) throws Exception {
        serverTls = context;
        start(serverBuilder().handlers(connection -> tracked(Recorder.echo())));
        return context;
    }

    private TlsContext clientOf(TlsCertificate certificate) {
        return Certificates.client()
                .protocols(kind.protocol())
                .certificates(List.of(certificate))
                .build();
    }

    private TcpClient clientBy(TlsContext context) {
        return TcpClient.builder()
                .loop(venue.clientLoop())
                .options(options)
                .tls(context)
                .build();
    }

    /** Connects, and lives on the connection; returns it. */
    private Connection admitted(TlsContext by, Recorder here) {
        try (TcpClient client = clientBy(by)) {
            CompletableFuture<Connection> connecting = client.connect(address(), tracked(here));
            venue.until("connected", connecting::isDone);
            Connection connection = connecting.join();
            connection.write(bytes("x"));
            venue.until("echoed", () -> here.text().equals("x"));
            return connection;
        }
    }

    private SSLSession usedOnce(TlsContext by) {
        Recorder here = new Recorder();
        Connection connection = admitted(by, here);
        SSLSession session = Objects.requireNonNull(connection.tls()).session();
        connection.close();
        venue.until("closed", here::isClosed);
        return session;
    }

    private void assertRefused(TlsContext by) {
        int before = refused.size();
        Recorder here = new Recorder();
        here.onOpen = connection -> connection.write(bytes("x")); // in TLS 1.3 it opens before it is refused
        try (TcpClient client = clientBy(by)) {
            CompletableFuture<Connection> connecting = client.connect(address(), tracked(here));
            venue.until(
                    "refused",
                    () -> refused.size() > before && (connecting.isCompletedExceptionally() || here.isClosed()));
        }
        assertThat(refused.get(before)).isEqualTo(RefusalListener.Reason.TLS_FAILED);
        assertThat(here.text()).isEmpty();
    }

    @Test
    void newHandshakesAreVerifiedByTheNewOnesAndOpenConnectionsStay() throws Exception {
        TlsContext server = serve(trustingOld().build());
        Recorder here = new Recorder();
        Connection open = admitted(clientOf(Certificates.CLIENT), here);
        assertRefused(clientOf(Certificates.NEW_CLIENT));

        server.exchangeTrust(NEW);
        assertRefused(clientOf(Certificates.CLIENT));
        usedOnce(clientOf(Certificates.NEW_CLIENT));

        open.write(bytes("y"));
        venue.until("it lives", () -> here.text().equals("xy"));
        open.close();
        venue.until("closed", here::isClosed);
    }

    @Test
    void aSessionOfBeforeAdmitsNoClient() throws Exception {
        checkResumption(trustingOld().build());
    }

    @Test
    void aSessionThatTheServerRemembersAdmitsNoClientEither() throws Exception {
        checkResumption(Certificates.withoutTickets(trustingOld()));
    }

    private void checkResumption(TlsContext context) throws Exception {
        TlsContext server = serve(context);
        TlsContext client = clientOf(Certificates.CLIENT);
        SSLSession first = usedOnce(client);
        assertThat(usedOnce(client).getCreationTime()).as("resumed").isEqualTo(first.getCreationTime());

        server.exchangeTrust(NEW);
        assertRefused(client);
        server.exchangeTrust(List.of(OLD.get(0), NEW.get(0)));
        usedOnce(client);
    }

    @Test
    void certificatesAndTrustAreExchangedWithoutEachOther() throws Exception {
        TlsContext server = serve(trustingOld().build());
        server.exchangeTrust(NEW);
        server.exchangeCertificates(List.of(Certificates.RSA));
        TlsContext client = Certificates.client()
                .protocols(kind.protocol())
                .trust(Certificates.RSA.chain())
                .verifyHost(false)
                .certificates(List.of(Certificates.NEW_CLIENT))
                .build();
        assertThat(usedOnce(client).getPeerCertificates())
                .containsExactly(Certificates.RSA.chain().get(0));
        server.exchangeTrust(OLD);
        assertRefused(client);
        assertThat(refused).hasSize(1);
    }

    @Test
    void theNewOnesMayBeOfAFileOrATrustManager() throws Exception {
        TlsContext server = serve(trustingOld().build());
        server.exchangeTrust(Certificates.writePem(Certificates.NEW_CLIENT, folder, "new"));
        usedOnce(clientOf(Certificates.NEW_CLIENT));
        server.exchangeTrust(new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
                if (!chain[0].equals(OLD.get(0))) {
                    throw new CertificateException("not the old one");
                }
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        });
        usedOnce(clientOf(Certificates.CLIENT));
        assertRefused(clientOf(Certificates.NEW_CLIENT));
    }

    @Test
    void anExchangeThatFailsChangesNothing() throws Exception {
        TlsContext server = serve(trustingOld().build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.exchangeTrust(List.of()))
                .withMessage("certificates: empty, must have one");
        usedOnce(clientOf(Certificates.CLIENT));
    }

    @Test
    void aClientTrustsTheNewOnesToo() throws Exception {
        serve(Certificates.server().build());
        TlsContext client = clientOf(Certificates.CLIENT);
        usedOnce(client);
        client.exchangeTrust(NEW);
        try (TcpClient by = clientBy(client)) {
            CompletableFuture<Connection> connecting = by.connect(address(), new Recorder());
            venue.until("refused", () -> connecting.isDone() && !refused.isEmpty());
            assertThat(failureOf(connecting))
                    .isInstanceOfSatisfying(
                            ConnectionException.class,
                            e -> assertThat(e.closeCause()).isEqualTo(CloseCause.TLS_FAILED));
        }
        client.exchangeTrust(Certificates.LOCAL.chain());
        usedOnce(client);
    }
}
