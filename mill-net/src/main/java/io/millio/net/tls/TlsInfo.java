package io.millio.net.tls;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * What a TLS handshake has come to.
 *
 * @param session the platform's: protocol, cipher suite, certificates
 * @param applicationProtocol what ALPN has agreed on; empty: nothing
 */
public record TlsInfo(SSLSession session, String applicationProtocol) {
    /** The peer's certificates, its own first; empty if it has shown none. */
    public List<X509Certificate> peerCertificates() {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate each : session.getPeerCertificates()) {
                chain.add((X509Certificate) each);
            }
        } catch (SSLPeerUnverifiedException e) {
            // has shown none
        }
        return List.copyOf(chain);
    }
}
