package io.millio.net.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * A certificate, those that lead from it to its issuer, and its private key; the host names that it is for are read
 * from it. Immutable. That key and certificate belong together is checked when it is made.
 */
public final class TlsCertificate {
    private static final int DNS_NAME = 2;

    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final Set<String> names;

    private TlsCertificate(List<X509Certificate> chain, PrivateKey key) {
        this.chain = List.copyOf(chain);
        this.key = Objects.requireNonNull(key, "key");
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("chain: empty, must have a certificate");
        }
        checkPair();
        this.names = Collections.unmodifiableSet(namesOf(chain.get(0)));
    }

    /**
     * From a chain, the server's or client's own certificate first, and its key.
     *
     * @throws IllegalArgumentException if the chain is empty or the key is another certificate's
     */
    public static TlsCertificate of(List<X509Certificate> chain, PrivateKey key) {
        return new TlsCertificate(chain, key);
    }

    private static TlsCertificate of(List<X509Certificate> chain, PrivateKey key, Path file) {
        try {
            return of(chain, key);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * From PEM files: a chain, its own certificate first, and a PKCS#8 key that is not encrypted (RSA, EC or EdDSA).
     * Both may be the same file.
     *
     * @throws IOException if a file can't be read
     * @throws IllegalArgumentException if there is something else in it, or the key is another certificate's
     */
    public static TlsCertificate pem(Path chain, Path key) throws IOException {
        List<X509Certificate> certificates = Pem.certificates(chain);
        String algorithm = certificates.get(0).getPublicKey().getAlgorithm();
        return of(certificates, Pem.key(key, algorithm), key);
    }

    /**
     * All that have a key in a key store file (PKCS#12 or JKS), in the order of their aliases.
     *
     * @param password of the store, and of each key in it
     * @throws IOException if it can't be read, or the password is wrong
     * @throws IllegalArgumentException if it has no key
     */
    public static List<TlsCertificate> keyStore(Path file, char[] password) throws IOException {
        List<TlsCertificate> all = new ArrayList<>();
        try (InputStream from = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12"); // which reads JKS as well
            store.load(from, password);
            for (String alias : new TreeSet<>(Collections.list(store.aliases()))) {
                if (store.isKeyEntry(alias) && store.getKey(alias, password) instanceof PrivateKey key) {
                    all.add(of(chain(store.getCertificateChain(alias)), key, file));
                }
            }
        } catch (FileSystemException e) {
            throw e; // names the file
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException(file + ": has no private key");
        }
        return all;
    }

    static List<X509Certificate> chain(Certificate[] certificates) {
        return Arrays.stream(certificates).map(X509Certificate.class::cast).toList();
    }

    private void checkPair() {
        X509Certificate own = chain.get(0);
        String algorithm = own.getPublicKey().getAlgorithm();
        String signing = switch (algorithm) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
            default -> null;
        };
        if (signing == null) {
            return; // of a kind that only its provider knows
        }
        byte[] sample = {1, 2, 3};
        boolean belongs;
        try {
            Signature signature = Signature.getInstance(signing);
            signature.initSign(key);
            signature.update(sample);
            byte[] signed = signature.sign();
            signature.initVerify(own.getPublicKey());
            signature.update(sample);
            belongs = signature.verify(signed);
        } catch (InvalidKeyException e) {
            belongs = false;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("key: can't sign: " + e.getMessage(), e);
        }
        if (!belongs) {
            throw new IllegalArgumentException(
                    "key: of another certificate than that of " + own.getSubjectX500Principal());
        }
    }

    private static Set<String> namesOf(X509Certificate certificate) {
        Set<String> names = new TreeSet<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            for (List<?> each : alternatives == null ? List.<List<?>>of() : alternatives) {
                if (each.get(0) instanceof Integer kind && kind == DNS_NAME) {
                    names.add(String.valueOf(each.get(1)).toLowerCase(Locale.ROOT));
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("chain: names can't be read: " + e.getMessage(), e);
        }
        return names;
    }

    /** The chain, its own certificate first. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** The host names that the certificate is for, in small letters; one may begin with {@code *.}. */
    public Set<String> names() {
        return names;
    }

    PrivateKey key() {
        return key;
    }

    /** {@code EC}, {@code RSA} and so on, as the platform's TLS asks for keys. */
    String keyType() {
        return chain.get(0).getPublicKey().getAlgorithm();
    }

    boolean isFor(String host) {
        int dot = host.indexOf('.');
        return names.contains(host) || (dot > 0 && names.contains("*" + host.substring(dot)));
    }

    @Override
    public String toString() {
        return "certificate of " + chain.get(0).getSubjectX500Principal() + " for " + names;
    }
}
