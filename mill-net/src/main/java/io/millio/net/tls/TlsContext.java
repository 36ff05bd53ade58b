package io.millio.net.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How connections are encrypted, TLS 1.3 and 1.2, by the platform's own implementation: given to
 * {@code TcpServerBuilder.tls} or {@code TcpClientBuilder.tls}. One context serves any number of them, and remembers
 * the sessions that they resume. Every method is for any thread.
 */
public final class TlsContext {
    /** Whether a server asks its clients for a certificate. */
    public enum ClientCertificate {
        /** It does not. */
        NONE,
        /** It does, and takes clients without one as well; one that is not trusted ends the handshake. */
        WANTED,
        /** It does, and a client without one is refused. */
        REQUIRED
    }

    private final boolean client;
    private final String[] protocols;
    private final String[] cipherSuites;
    private final String[] applicationProtocols;
    private final ClientCertificate clientCertificate;
    private final boolean verifyHost;
    private final @Nullable String serverName;
    private final Duration handshakeTimeout;
    private final int sessionCacheSize;
    private final int sessionTimeoutSeconds;
    private final @Nullable Executor taskExecutor;

    // Written under this, one after the other, and read by any thread, which has one or the other.
    private volatile Identity current;

    /** What is exchanged as a whole: the platform's context, which has sessions and ticket keys of its own. */
    private record Identity(
            SSLContext context,
            List<TlsCertificate> certificates,
            @Nullable X509TrustManager trust) {}

    TlsContext(TlsContextBuilder from) {
        client = from.client;
        protocols = from.protocols.toArray(String[]::new);
        applicationProtocols = from.applicationProtocols.toArray(String[]::new);
        clientCertificate = from.clientCertificate;
        verifyHost = from.verifyHost;
        serverName = from.serverName;
        handshakeTimeout = from.handshakeTimeout;
        sessionCacheSize = from.sessionCacheSize;
        sessionTimeoutSeconds = from.sessionTimeoutSeconds;
        taskExecutor = from.taskExecutor;
        current = newIdentity(from.certificates, from.trust);
        cipherSuites = from.cipherSuites.isEmpty()
                ? strong(current.context, client)
                : from.cipherSuites.toArray(String[]::new);
    }

    /** Settings of a server's side: it needs a certificate. */
    public static TlsContextBuilder server() {
        return new TlsContextBuilder(false);
    }

    /** Settings of a client's side: it trusts whom the platform trusts, and verifies the host name. */
    public static TlsContextBuilder client() {
        return new TlsContextBuilder(true);
    }

    private Identity newIdentity(List<TlsCertificate> certificates, @Nullable X509TrustManager trust) {
        try {
            SSLContext made = SSLContext.getInstance("TLS");
            made.init(
                    new KeyManager[] {new TlsKeys(certificates)},
                    trust == null ? null : new TrustManager[] {trust},
                    null);
            SSLSessionContext sessions = sessions(made);
            if (sessionCacheSize > 0) {
                sessions.setSessionCacheSize(sessionCacheSize);
            }
            if (sessionTimeoutSeconds > 0) {
                sessions.setSessionTimeout(sessionTimeoutSeconds);
            }
            return new Identity(made, certificates, trust);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS: " + e.getMessage(), e);
        }
    }

    private SSLSessionContext sessions(SSLContext context) {
        return client ? context.getClientSessionContext() : context.getServerSessionContext();
    }

    /** The sessions that are remembered now. */
    SSLSessionContext sessions() {
        return sessions(current.context);
    }

    /**
     * Exchanges the certificates while connections go on: those that there are keep theirs, handshakes that begin from
     * now on get the new ones. Sessions of before are not resumed.
     *
     * @param certificates as in {@link TlsContextBuilder#certificates}
     */
    public void exchangeCertificates(List<TlsCertificate> certificates) {
        List<TlsCertificate> checked = TlsContextBuilder.checked(certificates, client);
        synchronized (this) {
            current = newIdentity(checked, current.trust);
        }
    }

    /**
     * Exchanges the certificates of whom to trust while connections go on: of a server, the issuers of its clients'
     * certificates. Connections that there are stay, and so do those whose handshake is in progress; handshakes that
     * begin from now on are verified by the new ones only. Sessions of before are not resumed, as that would admit a
     * peer without looking at its certificate.
     *
     * <p>A connection whose peer is trusted no more is the program's to close, by {@code Connection.tls()}.
     *
     * @param certificates as in {@link TlsContextBuilder#trust(List)}
     */
    public void exchangeTrust(List<X509Certificate> certificates) {
        setTrust(TlsContextBuilder.trustIn(certificates));
    }

    /**
     * Exchanges whom to trust, by a file: see {@link #exchangeTrust(List)}. Reads the file, so not in a loop.
     *
     * @throws IOException if the file can't be read; then nothing has changed
     * @throws IllegalArgumentException if it has no certificate; then nothing has changed
     */
    public void exchangeTrust(Path certificates) throws IOException {
        exchangeTrust(Pem.certificates(certificates));
    }

    /**
     * Exchanges the trust manager: see {@link #exchangeTrust(List)} and
     * {@link TlsContextBuilder#trust(X509TrustManager)}.
     */
    public void exchangeTrust(X509TrustManager trust) {
        setTrust(TlsContextBuilder.verifying(trust));
    }

    private synchronized void setTrust(X509TrustManager trust) {
        current = newIdentity(current.certificates, trust);
    }

    /** Whether this is a client's side. */
    public boolean isClient() {
        return client;
    }

    /** How long a handshake may take. */
    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /** What runs the engine's tasks; null: the loop's compute pool. */
    public @Nullable Executor taskExecutor() {
        return taskExecutor;
    }

    /** Returns a new engine for a connection that a server has accepted. */
    public SSLEngine newServerEngine() {
        SSLEngine engine = current.context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setSSLParameters(parameters());
        switch (clientCertificate) {
            case REQUIRED -> engine.setNeedClientAuth(true);
            case WANTED -> engine.setWantClientAuth(true);
            case NONE -> {}
        }
        return engine;
    }

    /**
     * An engine for a connection to a host.
     *
     * @param host its name or address as the program gave it; null: it has none
     */
    public SSLEngine newClientEngine(@Nullable String host, int port) throws SSLException {
        String name = serverName == null ? host : serverName;
        if (name == null && verifyHost) {
            throw new SSLException("the address has no host name that could be verified: set serverName");
        }
        SSLContext context = current.context;
        SSLEngine engine = name == null ? context.createSSLEngine() : context.createSSLEngine(name, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = parameters();
        if (verifyHost) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        SNIHostName asked = name == null ? null : hostName(name);
        if (asked != null) {
            parameters.setServerNames(List.of(asked));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    private SSLParameters parameters() {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(protocols);
        parameters.setCipherSuites(cipherSuites);
        parameters.setApplicationProtocols(applicationProtocols);
        return parameters;
    }

    /**
     * Those of the platform's with forward secrecy and authenticated encryption. The others are weaker, and each one
     * that is enabled is looked at in each handshake, whether the peer offers it or not.
     */
    private static String[] strong(SSLContext context, boolean client) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(client);
        String[] enabled = engine.getEnabledCipherSuites();
        String[] strong = Arrays.stream(enabled).filter(TlsContext::isStrong).toArray(String[]::new);
        return strong.length > 0 ? strong : enabled; // an administrator has said which, in the platform's properties
    }

    private static boolean isStrong(String suite) {
        boolean ofTls13 = !suite.contains("_WITH_");
        return ofTls13 || suite.startsWith("TLS_ECDHE_") && (suite.contains("_GCM_") || suite.contains("_CHACHA20_"));
    }

    /** What to ask for by SNI, which has no addresses. */
    private static @Nullable SNIHostName hostName(String name) {
        boolean address = name.indexOf(':') >= 0 || name.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
        if (address) {
            return null;
        }
        try {
            return new SNIHostName(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
        } catch (IllegalArgumentException e) {
            return null; // no name that a certificate could have; then the verification says so
        }
    }

    @Override
    public String toString() {
        return "TLS " + String.join(", ", protocols) + (client ? ", client" : ", server");
    }
}
