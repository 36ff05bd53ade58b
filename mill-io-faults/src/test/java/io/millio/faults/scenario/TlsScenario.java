package io.millio.faults.scenario;

import io.millio.EventLoopBuilder;
import io.millio.net.TcpServerBuilder;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import io.millio.testkit.SimHost;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** An echo over TLS; meanwhile one client speaks something else, and one leaves amid the handshake. */
class TlsScenario extends NetScenario {
    private static final char[] PASSWORD = "password".toCharArray();

    private final List<TlsCertificate> certificates;
    private final SSLContext clients;

    TlsScenario() throws IOException, InterruptedException, GeneralSecurityException {
        certificates = certificates();
        clients = SSLContext.getInstance("TLS");
        clients.init(null, new TrustManager[] {new TrustAll()}, null);
    }

    /** For clients, whose trust is not what is tested. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** A certificate that signs itself, made by the platform's keytool. */
    private static List<TlsCertificate> certificates() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("faults");
        Path store = folder.resolve("store.p12");
        try {
            String keytool =
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
            Process process = new ProcessBuilder(
                            keytool,
                            "-genkeypair",
                            "-alias",
                            "own",
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=localhost",
                            "-keystore",
                            store.toString(),
                            "-storepass",
                            new String(PASSWORD))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool: " + output);
            }
            return TlsCertificate.keyStore(store, PASSWORD);
        } finally {
            Files.deleteIfExists(store);
            Files.delete(folder);
        }
    }

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return builder.direct().computePool(computePool());
    }

    @Override
    TcpServerBuilder settings(TcpServerBuilder builder) throws IOException {
        TlsContext context = TlsContext.server().certificates(certificates).build();
        return tls(super.settings(builder), context).refusals((remote, cause, failure) -> {
            if (failure != null) {
                caught.add(failure);
            }
        });
    }

    TcpServerBuilder tls(TcpServerBuilder builder, TlsContext context) {
        return builder.tls(context);
    }

    @Override
    int maxConnections() {
        return 4;
    }

    @Override
    Peer newPeer(SimHost host, int number) throws IOException {
        return newPeer(host, number, false);
    }

    final Peer newPeer(SimHost host, int number, boolean afterAgreement) throws IOException {
        return new TlsPeer(network, host, server.address(7), 100 * number, clients.createSSLEngine(), afterAgreement);
    }

    @Override
    void disturb(SimHost host) throws IOException {
        Peer stranger = new Peer(network, host, server.address(7), 50);
        Peer leaver = newPeer(host, 1);
        network.after(Duration.ofMillis(2), leaver::close);
        network.after(Duration.ofMillis(500), stranger::close);
    }
}
