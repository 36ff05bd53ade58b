package io.millio.net.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A trust manager of the program's, and the verification of the host name behind it: the platform leaves that to an
 * extended trust manager, and does it itself only around a plain one. The verification is the platform's own, by a
 * trust manager that trusts the certificate of the peer and nothing else. Any thread.
 */
final class HostVerifyingTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager program;

    HostVerifyingTrust(X509ExtendedTrustManager program) {
        this.program = program;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        program.checkServerTrusted(chain, type, engine);
        if (engine.getSSLParameters().getEndpointIdentificationAlgorithm() != null) {
            X509Certificate[] peer = {chain[0]};
            trusting(peer[0]).checkServerTrusted(peer, type, engine);
        }
    }

    private static X509ExtendedTrustManager trusting(X509Certificate only) throws CertificateException {
        try {
            return TlsContextBuilder.platformTrust(only);
        } catch (GeneralSecurityException | IOException e) {
            throw new CertificateException("verifying the host name: " + e.getMessage(), e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
        throw new UnsupportedOperationException("TLS over an engine only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
        throw new UnsupportedOperationException("TLS over an engine only");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        program.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        program.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        program.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return program.getAcceptedIssuers();
    }
}
