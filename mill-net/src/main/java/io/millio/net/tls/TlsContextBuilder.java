package io.millio.net.tls;

import io.millio.internal.Arguments;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link TlsContext}: each has a default, and is checked when it is given. One thread at a time. */
public final class TlsContextBuilder {
    private static final Duration MAX_SESSION_TIMEOUT = Duration.ofDays(7);

    final boolean client;
    List<TlsCertificate> certificates = List.of();
    List<String> protocols = List.of("TLSv1.3", "TLSv1.2");
    List<String> cipherSuites = List.of();
    List<String> applicationProtocols = List.of();
    TlsContext.ClientCertificate clientCertificate = TlsContext.ClientCertificate.NONE;
    Duration handshakeTimeout = Duration.ofSeconds(10);
    boolean verifyHost = true;

    /** 0: the platform's, as the next. */
    int sessionCacheSize;

    int sessionTimeoutSeconds;

    @Nullable
    String serverName;

    @Nullable
    X509TrustManager trust;

    /** Null: the loop's compute pool. */
    @Nullable
    Executor taskExecutor;

    TlsContextBuilder(boolean client) {
        this.client = client;
    }

    /** The certificate, from PEM files: see {@link TlsCertificate#pem}. */
    public TlsContextBuilder certificate(Path chain, Path key) throws IOException {
        return certificates(List.of(TlsCertificate.pem(chain, key)));
    }

    /**
     * The certificates. A server gives each client the one whose names have the host that it asks for, exactly or by a
     * wildcard, and the first one if none has, or it asks for none. Of those with the same names, one with a key that
     * the client can use. A client gives the first that the server accepts.
     */
    public TlsContextBuilder certificates(List<TlsCertificate> certificates) {
        this.certificates = checked(certificates, client);
        return this;
    }

    static List<TlsCertificate> checked(List<TlsCertificate> certificates, boolean client) {
        if (certificates.isEmpty() && !client) {
            throw new IllegalArgumentException("certificates: empty, a server must have one");
        }
        return List.copyOf(certificates);
    }

    /**
     * Trusts peers whose certificates these PEM certificates have issued, or are, and no others. Default: whom the
     * platform trusts.
     *
     * @throws IOException if the file can't be read
     * @throws IllegalArgumentException if it has no certificate
     */
    public TlsContextBuilder trust(Path certificates) throws IOException {
        return trust(Pem.certificates(certificates));
    }

    /** Trusts peers whose certificates these have issued, or are, and no others. */
    public TlsContextBuilder trust(List<X509Certificate> certificates) {
        trust = trustIn(certificates);
        return this;
    }

    static X509TrustManager trustIn(List<X509Certificate> certificates) {
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("certificates: empty, must have one");
        }
        try {
            return platformTrust(certificates.toArray(X509Certificate[]::new));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("certificates: " + e.getMessage(), e);
        }
    }

    /** Returns the platform's trust manager over these certificates, which verifies host names, too. */
    static X509ExtendedTrustManager platformTrust(X509Certificate... certificates)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (X509Certificate each : certificates) {
            store.setCertificateEntry("trusted-" + store.size(), each);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0]; // the algorithm has this one kind
    }

    /**
     * Asks the program's own trust manager whether to trust the certificates of a peer. The host name is verified
     * besides, whatever the manager does, unless {@link #verifyHost} is off.
     */
    public TlsContextBuilder trust(X509TrustManager trust) {
        this.trust = verifying(trust);
        return this;
    }

    static X509TrustManager verifying(X509TrustManager trust) {
        Objects.requireNonNull(trust, "trust");
        return trust instanceof X509ExtendedTrustManager extended ? new HostVerifyingTrust(extended) : trust;
    }

    /** The protocols, from {@code TLSv1.3} and {@code TLSv1.2}. Default both. */
    public TlsContextBuilder protocols(String... protocols) {
        for (String each : protocols) {
            if (!each.equals("TLSv1.3") && !each.equals("TLSv1.2")) {
                throw new IllegalArgumentException("protocols: " + each + ", must be TLSv1.3 or TLSv1.2");
            }
        }
        if (protocols.length == 0) {
            throw new IllegalArgumentException("protocols: none, must be at least one");
        }
        this.protocols = List.of(protocols);
        return this;
    }

    /**
     * The cipher suites by their standard names, the preferred one first. Default: those of the platform's that have
     * forward secrecy and authenticated encryption, which are all of TLS 1.3, and of TLS 1.2 those by ECDHE with
     * AES-GCM or ChaCha20-Poly1305; or all of the platform's, should none of them be among those.
     */
    public TlsContextBuilder cipherSuites(String... suites) {
        Set<String> known = supportedCipherSuites();
        for (String each : suites) {
            if (!known.contains(each)) {
                throw new IllegalArgumentException("suites: " + each + ", must be one that the platform has");
            }
        }
        cipherSuites = List.of(suites);
        return this;
    }

    private static Set<String> supportedCipherSuites() {
        try {
            return Set.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("TLS: " + e.getMessage(), e);
        }
    }

    /**
     * The application protocols for ALPN, the preferred one first: {@code h2}, say. A peer that knows ALPN and none of
     * these is refused; with one that does not know it none is agreed on.
     */
    public TlsContextBuilder applicationProtocols(String... protocols) {
        for (String each : protocols) {
            if (each.isEmpty() || each.length() > 255) {
                throw new IllegalArgumentException("protocols: '" + each + "', must have 1 to 255 characters");
            }
        }
        applicationProtocols = List.of(protocols);
        return this;
    }

    /**
     * Whether a server asks clients for a certificate, and so needs {@code trust}: those whom the platform trusts are
     * all that have a certificate of any public authority. Default no.
     */
    public TlsContextBuilder clientCertificate(TlsContext.ClientCertificate clientCertificate) {
        if (client) {
            throw new IllegalStateException("clientCertificate: for a server");
        }
        this.clientCertificate = Objects.requireNonNull(clientCertificate, "clientCertificate");
        return this;
    }

    /**
     * Whether a client verifies that the server's certificate is for the host it connects to (RFC 2818). Default yes.
     */
    public TlsContextBuilder verifyHost(boolean verifyHost) {
        if (!client) {
            throw new IllegalStateException("verifyHost: for a client");
        }
        this.verifyHost = verifyHost;
        return this;
    }

    /** The host name that a client asks for and verifies, in place of the one it connects to. */
    public TlsContextBuilder serverName(String name) {
        if (!client) {
            throw new IllegalStateException("serverName: for a client");
        }
        serverName = Objects.requireNonNull(name, "name");
        return this;
    }

    /** How long a handshake may take, from the connection on; positive. Default 10 seconds. */
    public TlsContextBuilder handshakeTimeout(Duration timeout) {
        Arguments.positiveNanos(timeout, "handshakeTimeout");
        handshakeTimeout = timeout;
        return this;
    }

    /**
     * How many sessions may be remembered for resumption. Beyond it the oldest are forgotten. A server remembers only
     * those of clients without tickets, since a ticket holds its session; a client those of all its servers, up to ten
     * for each. Default: the platform's ({@code javax.net.ssl.sessionCacheSize}, 20,480).
     *
     * @param sessions at least 1
     */
    public TlsContextBuilder sessionCacheSize(int sessions) {
        sessionCacheSize = Arguments.atLeast(1, sessions, "sessions");
        return this;
    }

    /**
     * How long a session, remembered or in a ticket, may be resumed. Default: the platform's, a day.
     *
     * @param timeout 1 second to 7 days, the most that TLS 1.3 allows a ticket; whole seconds, a rest is dropped
     */
    public TlsContextBuilder sessionTimeout(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        if (timeout.toSeconds() < 1 || timeout.compareTo(MAX_SESSION_TIMEOUT) > 0) {
            throw new IllegalArgumentException("timeout: " + timeout + ", must be 1 second to 7 days");
        }
        sessionTimeoutSeconds = (int) timeout.toSeconds();
        return this;
    }

    /**
     * What runs the computations of handshakes (the delegated tasks of {@link javax.net.ssl.SSLEngine}): agreeing on
     * keys, signing, checking certificates, and the calls of a trust manager of the program's. Those of one connection
     * run one after the other. A whole handshake computes for some hundred microseconds to milliseconds, one that
     * resumes a session for less. Default: the compute pool of the connection's loop, so that the others on the loop
     * don't wait.
     *
     * <p>{@code Runnable::run} has the loop's own thread compute, which saves two hops between threads: for a server
     * with a loop for each processor, nothing else on them that is urgent, and no trust manager that blocks.
     *
     * @param executor one that rejects a task ends the connection with {@code TLS_FAILED}
     */
    public TlsContextBuilder taskExecutor(Executor executor) {
        taskExecutor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    /**
     * Makes the context.
     *
     * @throws IllegalStateException if a server has no certificate, or asks clients for theirs without {@code trust}
     */
    public TlsContext build() {
        if (!client && certificates.isEmpty()) {
            throw new IllegalStateException("certificate: missing");
        }
        if (clientCertificate != TlsContext.ClientCertificate.NONE && trust == null) {
            throw new IllegalStateException("trust: missing, must be set with clientCertificate: " + clientCertificate);
        }
        return new TlsContext(this);
    }
}
