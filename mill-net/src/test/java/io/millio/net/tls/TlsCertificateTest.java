package io.millio.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.Recorder;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and certificates of each kind, from each kind of file, and what is wrong with a file. */
@SuppressWarnings("try")
class TlsCertificateTest {
    private static final String NAMES = "dns:localhost,ip:127.0.0.1";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "RSA, PKCS12, TLSv1.2",
        "RSA, JKS, TLSv1.3",
        "RSASSA_PSS, PKCS12, TLSv1.3",
        "EC, JKS, TLSv1.2",
        "ED25519, PKCS12, TLSv1.2",
        "ED25519, JKS, TLSv1.3",
        "ED448, PKCS12, TLSv1.3"
    })
    void aKeyOfEachKindServesFromAStoreAndFromPem(KeyKind kind, String type, String protocol) throws Exception {
        Path store = folder.resolve("store");
        Certificates.writeStore(type, Authority.selfSigned(kind, "localhost", NAMES), store);
        TlsCertificate stored =
                TlsCertificate.keyStore(store, Certificates.PASSWORD).get(0);
        TlsCertificate read =
                TlsCertificate.pem(Certificates.writePem(stored, folder, "own"), folder.resolve("own.key"));

        assertThat(read.chain()).isEqualTo(stored.chain());
        assertThat(read.names()).containsExactly("localhost");
        for (TlsCertificate each : List.of(stored, read)) {
            assertThat(agreedOn(each, protocol)).isEqualTo(protocol);
        }
    }

    private static String agreedOn(TlsCertificate certificate, String protocol) throws Exception {
        TlsContext server =
                TlsContext.server().certificates(List.of(certificate)).build();
        TlsContext client = TlsContext.client()
                .trust(certificate.chain())
                .protocols(protocol)
                .build();
        try (TcpServer serving = TcpServer.builder()
                        .address("127.0.0.1", 0)
                        .tls(server)
                        .handler(Recorder.echo())
                        .start();
                TcpClient calling = TcpClient.builder().tls(client).build()) {
            TlsInfo info = calling.connect(
                            "localhost", ((InetSocketAddress) serving.localAddress()).getPort(), new Recorder())
                    .get(20, TimeUnit.SECONDS)
                    .tls();
            return info == null ? "none" : info.session().getProtocol();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no certificate at all",
                "\u0000\u0001\u00fe\u00ff",
                "-----BEGIN CERTIFICATE-----",
                "-----BEGIN CERTIFICATE-----\nAAAA",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
            })
    void aFileWithoutACertificateIsNamed(String content) throws Exception {
        Path chain = Files.write(folder.resolve("chain.pem"), content.getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> TlsCertificate.pem(chain, chain))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(chain + ": ");
        assertThatThrownBy(() -> TlsContext.client().trust(chain))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(chain + ": ");
    }

    @Test
    void aKeyFileThatIsWrongIsNamed() throws Exception {
        Path chain = Certificates.writePem(Certificates.LOCAL, folder, "local");
        Certificates.writePem(Certificates.WILDCARD, folder, "other");
        Certificates.writePem(Certificates.RSA, folder, "rsa");
        byte[] key = Certificates.LOCAL.key().getEncoded();
        Path half = write("half.key", Certificates.block("PRIVATE KEY", Arrays.copyOf(key, key.length / 2)));

        assertKeyRefused(chain, folder.resolve("other.key"), "of another certificate than that of CN=localhost");
        assertKeyRefused(chain, folder.resolve("rsa.key"), "can't be read as EC");
        assertKeyRefused(chain, half, "can't be read as EC");
        assertKeyRefused(chain, chain, "has no private key");
        assertKeyRefused(chain, write("old.key", Certificates.block("EC PRIVATE KEY", key)), "EC PRIVATE KEY, must be");
        assertKeyRefused(
                chain,
                write("secret.key", Certificates.block("ENCRYPTED PRIVATE KEY", key)),
                "ENCRYPTED PRIVATE KEY, must be PKCS#8 and not encrypted");
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static void assertKeyRefused(Path chain, Path key, String why) {
        assertThatThrownBy(() -> TlsCertificate.pem(chain, key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(key + ": ")
                .hasMessageContaining(why);
    }

    @Test
    void aFileThatIsMissingIsNamed() throws Exception {
        Path chain = Certificates.writePem(Certificates.LOCAL, folder, "local");
        Path missing = folder.resolve("missing");

        assertThatThrownBy(() -> TlsCertificate.pem(missing, chain))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(missing.toString());
        assertThatThrownBy(() -> TlsCertificate.pem(chain, missing))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(missing.toString());
        assertThatThrownBy(() -> TlsCertificate.keyStore(missing, Certificates.PASSWORD))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(missing.toString());
    }

    @Test
    void aStoreThatIsWrongIsNamed() throws Exception {
        Path store = folder.resolve("store");
        Certificates.writeStore("PKCS12", Certificates.LOCAL, store);
        Path garbage = write("garbage", "no store");
        Path trusting = folder.resolve("trusting");
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("one", Certificates.LOCAL.chain().get(0));
        try (var to = Files.newOutputStream(trusting)) {
            trusted.store(to, Certificates.PASSWORD);
        }

        assertThatThrownBy(() -> TlsCertificate.keyStore(store, "wrong".toCharArray()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(store + ": ");
        assertThatThrownBy(() -> TlsCertificate.keyStore(garbage, Certificates.PASSWORD))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(garbage + ": ");
        assertThatThrownBy(() -> TlsCertificate.keyStore(trusting, Certificates.PASSWORD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(trusting + ": has no private key");
    }

    @Test
    void whatThePlatformDoesNotHaveIsRefusedWhenItIsSet() {
        assertThatThrownBy(() -> TlsContext.client().cipherSuites("TLS_NONE"))
                .hasMessage("suites: TLS_NONE, must be one that the platform has");
        assertThatThrownBy(() -> TlsContext.client().protocols("TLSv1.1"))
                .hasMessage("protocols: TLSv1.1, must be TLSv1.3 or TLSv1.2");
        assertThatThrownBy(() -> TlsContext.client().applicationProtocols(""))
                .hasMessage("protocols: '', must have 1 to 255 characters");
    }
}
