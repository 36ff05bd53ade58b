package io.millio.net.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLSessionContext;

/** Certificates that sign themselves, made once by the platform's keytool. */
public final class Certificates {
    public static final char[] PASSWORD = "password".toCharArray();

    /** Of an EC key, for {@code localhost} and its address. */
    public static final TlsCertificate LOCAL = made("EC", "localhost", "dns:localhost,ip:127.0.0.1,ip:::1");

    /** Of an RSA key, for {@code a.example}. */
    public static final TlsCertificate RSA = made("RSA", "a", "dns:a.example");

    /** Of an EC key, for {@code *.b.example}. */
    public static final TlsCertificate WILDCARD = made("EC", "b", "dns:*.b.example");

    /** A client's. */
    public static final TlsCertificate CLIENT = made("EC", "client", "email:client@example.org");

    /** Of the name of {@link #CLIENT}, with another key: what a new authority of an old name is. */
    public static final TlsCertificate NEW_CLIENT = made("EC", "client", "email:client@example.org");

    private Certificates() {}

    /**
     * Of a short RSA key, for {@code a.example}: of one length every time, as are its signatures, which cost little.
     */
    public static TlsCertificate ofFixedLength() {
        TlsCertificate made;
        do {
            made = made("RSA", "a", "dns:a.example", "-keysize", "1024");
        } while (made.chain().get(0).getSerialNumber().bitLength() / Byte.SIZE != Long.BYTES - 1);
        return made;
    }

    public static TlsContextBuilder server() {
        return TlsContext.server().certificates(List.of(LOCAL));
    }

    /** A client that trusts {@link #LOCAL}. */
    public static TlsContextBuilder client() {
        return TlsContext.client().trust(LOCAL.chain());
    }

    private static TlsCertificate made(String algorithm, String name, String alternatives, String... more) {
        try {
            Path folder = Files.createTempDirectory("millio-certificates");
            Path store = folder.resolve("store.p12");
            try {
                writeStore("PKCS12", algorithm, name, alternatives, store, more);
                return TlsCertificate.keyStore(store, PASSWORD).get(0);
            } finally {
                Files.deleteIfExists(store);
                Files.delete(folder);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes a key and a certificate for it in a new store. */
    public static void writeStore(
            String type, String algorithm, String name, String alternatives, Path store, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-alias", "own", "-validity", "2", "-storetype", type));
        command.addAll(List.of("-keyalg", algorithm, "-dname", "CN=" + name, "-ext", "san=" + alternatives));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", new String(PASSWORD)));
        command.addAll(List.of("-keypass", new String(PASSWORD))); // else keytool asks, for JKS
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + said);
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
