package io.millio.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.millio.net.ConnectionHandler;
import io.millio.net.RefusalListener;
import io.millio.net.RefusalListener.Reason;
import io.millio.net.TcpServer;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class ConnectionMetricsTest extends MetricsCase {
    private static final String REFUSED = "millio_server_connections_refused_total";
    private static final String OPENED = "millio_server_connections_opened_total";

    @TempDir
    private Path directory;

    private final List<Reason> reasons = new CopyOnWriteArrayList<>();
    private final RefusalListener own = (remote, reason, failure) -> reasons.add(reason);
    private final ConnectionHandler echo = (connection, bytes) -> connection.write(bytes);

    @Test
    void aRefusedConnectionIsCountedByItsReasonAndStillReported() throws Exception {
        try (ConnectionMetrics metrics = new ConnectionMetrics(registry, Tags.of("name", "s"), own);
                TcpServer server = TcpServer.builder()
                        .address("127.0.0.1", 0)
                        .maxConnectionsPerAddress(1)
                        .refusals(metrics)
                        .handlers(metrics.counting(connection -> echo))
                        .start();
                Socket first = connect(server.localAddress())) {
            assertThat(value(REFUSED, "name=s", "reason=address_limit")).isZero();
            first.getOutputStream().write(1);
            assertThat(first.getInputStream().read()).isEqualTo(1);
            assertThat(value(OPENED, "name=s")).isEqualTo(1);
            try (Socket second = connect(server.localAddress())) {
                until("it is reported", () -> !reasons.isEmpty());
                assertThat(second.isConnected()).isTrue();
            }
            assertThat(reasons).containsExactly(Reason.ADDRESS_LIMIT);
            assertThat(value(REFUSED, "name=s", "reason=address_limit")).isEqualTo(1);
            assertThat(value(REFUSED, "name=s", "reason=tls_failed")).isZero();
            assertThat(value(OPENED, "name=s")).isEqualTo(1);
            assertNamedByTheConventions();
        }
        assertNothingIsLeft();
    }

    @Test
    void withoutCountingThereIsNoNumberOfOpenedConnections() {
        try (ConnectionMetrics metrics = new ConnectionMetrics(registry, Tags.of("name", "s"))) {
            assertThat(registry.find("millio.server.connections.opened").counter())
                    .isNull();
            assertThat(metrics.counting(connection -> echo)).isNotNull();
            assertThat(value(OPENED, "name=s")).isZero();
        }
        assertNothingIsLeft();
    }

    @Test
    void handshakesAreCountedByTheirResult() throws Exception {
        TlsCertificate certificate = certificate();
        try (ConnectionMetrics metrics = new ConnectionMetrics(registry, Tags.of("name", "s"), own);
                TcpServer server = TcpServer.builder()
                        .address("127.0.0.1", 0)
                        .tls(TlsContext.server()
                                .certificates(List.of(certificate))
                                .build())
                        .refusals(metrics)
                        .handlers(metrics.counting(connection -> echo))
                        .start()) {
            InetSocketAddress at = (InetSocketAddress) server.localAddress();
            try (SSLSocket client =
                    (SSLSocket) trusting(certificate).getSocketFactory().createSocket(at.getAddress(), at.getPort())) {
                client.getOutputStream().write(1);
                assertThat(client.getInputStream().read()).isEqualTo(1);
            }
            try (Socket client = connect(at)) {
                client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                until("it is reported", () -> !reasons.isEmpty());
            }
            assertThat(value(OPENED, "name=s")).isEqualTo(1);
            assertThat(value(REFUSED, "name=s", "reason=tls_failed")).isEqualTo(1);
        }
    }

    private static SSLContext trusting(TlsCertificate certificate) throws Exception {
        java.security.KeyStore trusted = java.security.KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", certificate.chain().get(0));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        TrustManager[] managers = factory.getTrustManagers();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers, new SecureRandom());
        return context;
    }

    /** One that signs itself, made by the platform's keytool. */
    private TlsCertificate certificate() throws Exception {
        Path store = directory.resolve("store");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=localhost",
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
        return TlsCertificate.keyStore(store, "changeit".toCharArray()).get(0);
    }
}
