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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and keys in the textual encoding of RFC 7468: what lies between the lines of BEGIN and END, in base64.
 */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([^\n]*?)-----(?:(.*?)-----END \\1-----)?", Pattern.DOTALL);

    private record Block(String label, String text, Path source) {
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
        Matcher found = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        List<Block> blocks = new ArrayList<>();
        while (found.find()) {
            String text = found.group(2);
            if (text == null) {
                throw new IllegalArgumentException(file + ": a block without an end");
            }
            blocks.add(new Block(found.group(1), text, file));
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
