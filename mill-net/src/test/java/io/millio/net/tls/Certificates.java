package io.millio.net.tls;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLSessionContext;

/** Certificates that sign themselves, made once. */
public final class Certificates {
    public static final char[] PASSWORD = "password".toCharArray();

    /** Of an EC key, for {@code localhost} and its address. */
    public static final TlsCertificate LOCAL =
            Authority.selfSigned(KeyKind.EC, "localhost", "dns:localhost,ip:127.0.0.1,ip:::1");

    /** Of an RSA key, for {@code a.example}. */
    public static final TlsCertificate RSA = Authority.selfSigned(KeyKind.RSA, "a", "dns:a.example");

    /** Of an EC key, for {@code *.b.example}. */
    public static final TlsCertificate WILDCARD = Authority.selfSigned(KeyKind.EC, "b", "dns:*.b.example");

    /** A client's. */
    public static final TlsCertificate CLIENT = Authority.selfSigned(KeyKind.EC, "client", "email:client@example.org");

    /** Of the name of {@link #CLIENT}, with another key: what a new authority of an old name is. */
    public static final TlsCertificate NEW_CLIENT =
            Authority.selfSigned(KeyKind.EC, "client", "email:client@example.org");

    private Certificates() {}

    /**
     * Of a short RSA key, for {@code a.example}: of one length every time, as are its signatures, which cost little.
     */
    public static TlsCertificate ofFixedLength() {
        return Authority.selfSigned(KeyKind.SHORT_RSA, "a", "dns:a.example");
    }

    public static TlsContextBuilder server() {
        return TlsContext.server().certificates(List.of(LOCAL));
    }

    /** A client that trusts {@link #LOCAL}. */
    public static TlsContextBuilder client() {
        return TlsContext.client().trust(LOCAL.chain());
    }

    /** Writes a key and its certificate to a new store. */
    public static void writeStore(String type, TlsCertificate certificate, Path file)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(type);
        store.load(null, null);
        store.setKeyEntry(
                "own", certificate.key(), PASSWORD, certificate.chain().toArray(new X509Certificate[0]));
        try (OutputStream to = Files.newOutputStream(file)) {
            store.store(to, PASSWORD);
        }
    }

    /** Writes chain and key as PEM files, {@code name.pem} and {@code name.key}. */
    public static Path writePem(TlsCertificate certificate, Path folder, String name) throws IOException {
        try {
            StringBuilder chain = new StringBuilder();
            for (X509Certificate each : certificate.chain()) {
                chain.append(block("CERTIFICATE", each.getEncoded()));
            }
            Files.writeString(
                    folder.resolve(name + ".key"),
                    block("PRIVATE KEY", certificate.key().getEncoded()));
            return Files.writeString(folder.resolve(name + ".pem"), chain);
        } catch (CertificateEncodingException e) {
            throw new IOException(e);
        }
    }

    public static String block(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + label
                + "-----\n";
    }

    /** A server that remembers the sessions of all its clients, as it does only for those without tickets. */
    public static TlsContext withoutTickets(TlsContextBuilder builder) {
        String name = "jdk.tls.server.enableSessionTicketExtension"; // looked at when a context is made
        String before = System.getProperty(name);
        System.setProperty(name, "false");
        try {
            return builder.build();
        } finally {
            if (before == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, before);
            }
        }
    }

    /** Returns the sessions that a context remembers. */
    public static SSLSessionContext sessions(TlsContext context) {
        return context.sessions();
    }

    /** Returns the private key of a certificate. */
    public static PrivateKey key(TlsCertificate certificate) {
        return certificate.key();
    }
}
