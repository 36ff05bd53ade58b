package io.millio.net.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Certificates and keys in the textual encoding of RFC 7468: what lies between the lines of BEGIN and END, in base64.
 */
final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    private record Block(String label, String text, String source) {
        byte[] content() {
            try {
                return Base64.getMimeDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(source + ": " + label + " is not base64", e);
            }
        }
    }

    private Pem() {}

    /** As bytes are: what is no text at all has no block. */
    private static List<Block> blocks(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        String source = file.toString();
        List<Block> blocks = new ArrayList<>();
        for (int at = 0; (at = text.indexOf(BEGIN, at)) >= 0; ) {
            int labelEnd = text.indexOf(DASHES, at + BEGIN.length());
            String label = labelEnd < 0 ? "" : text.substring(at + BEGIN.length(), labelEnd);
            int end = labelEnd < 0 ? -1 : text.indexOf(END + label + DASHES, labelEnd);
            if (end < 0) {
                throw new IllegalArgumentException(source + ": a block without an end");
            }
            blocks.add(new Block(label, text.substring(labelEnd + DASHES.length(), end), source));
            at = end + END.length();
        }
        return blocks;
    }

    /** All certificates of a file, in its order; at least one. */
    static List<X509Certificate> certificates(Path source) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Block block : blocks(source)) {
                if (block.label.equals("CERTIFICATE") || block.label.equals("X509 CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.content())));
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(source + ": a certificate can't be read: " + e.getMessage(), e);
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException(source + ": has no certificate");
        }
        return certificates;
    }

    /** The first key of a file, of the algorithm that its certificate names. */
    static PrivateKey key(Path source, String algorithm) throws IOException {
        for (Block block : blocks(source)) {
            if (block.label.equals("PRIVATE KEY")) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(block.content()));
                } catch (GeneralSecurityException e) {
                    throw new IllegalArgumentException(
                            source + ": the key can't be read as " + algorithm + ", which the certificate is for", e);
                }
            }
            if (block.label.endsWith("PRIVATE KEY")) {
                throw new IllegalArgumentException(source + ": the key is " + block.label
                        + ", must be PKCS#8 and not encrypted: openssl pkcs8 -topk8 -nocrypt makes it so");
            }
        }
        throw new IllegalArgumentException(source + ": has no private key");
    }
}
