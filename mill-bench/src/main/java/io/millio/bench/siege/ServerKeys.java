package io.millio.bench.siege;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key of the victims' with a certificate for localhost that signs itself, in a key store made by keytool. */
final class ServerKeys {
    static final String PASSWORD = "siege-siege";
    private static final String ALIAS = "own";

    private ServerKeys() {}

    static void make(Path store) throws IOException, InterruptedException {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        List<String> key = List.of(tool.toString(), "-genkeypair", "-alias", ALIAS, "-keyalg", "EC", "-validity", "2");
        List<String> name = List.of("-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1");
        List<String> file = List.of("-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD);
        Process process = new ProcessBuilder(
                        Stream.of(key, name, file).flatMap(List::stream).toList())
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool made no key: " + printed.strip());
        }
    }

    static PrivateKey key(Path store) throws IOException, GeneralSecurityException {
        return (PrivateKey) load(store).getKey(ALIAS, PASSWORD.toCharArray());
    }

    static X509Certificate certificate(Path store) throws IOException, GeneralSecurityException {
        return (X509Certificate) load(store).getCertificate(ALIAS);
    }

    /** A context of a server that has the key, and of a client that trusts it. */
    static SSLContext context(Path store) throws IOException, GeneralSecurityException {
        KeyStore keys = load(store);
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore load(Path store) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream from = Files.newInputStream(store)) {
            keys.load(from, PASSWORD.toCharArray());
        }
        return keys;
    }
}
