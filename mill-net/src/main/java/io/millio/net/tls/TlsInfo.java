package io.millio.net.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * The result of a TLS handshake.
 *
 * @param session the platform's: protocol, cipher suite, certificates
 * @param applicationProtocol what ALPN has agreed on; empty: nothing
 */
public record TlsInfo(SSLSession session, String applicationProtocol) {
    /** The peer's certificates, its own first; empty if it has shown none. */
    public List<X509Certificate> peerCertificates() {
        try {
            return TlsCertificate.chain(session.getPeerCertificates());
        } catch (SSLPeerUnverifiedException e) {
            return List.of(); // has shown none
        }
    }
}
