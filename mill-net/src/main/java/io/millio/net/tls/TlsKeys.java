package io.millio.net.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among certificates: a server's by the host name that the client asks for (exact before wildcard, else the
 * first and those of its names), a client's by the issuers that the server accepts. An alias is a place in the list.
 * Any thread; immutable.
 */
final class TlsKeys extends X509ExtendedKeyManager {
    private final List<TlsCertificate> certificates;

    TlsKeys(List<TlsCertificate> certificates) {
        this.certificates = List.copyOf(certificates);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] unusedIssuers, SSLEngine engine) {
        return candidates(requestedHost(engine)).stream()
                .filter(each -> each.keyType().equals(keyType))
                .map(this::alias)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String requestedHost(SSLEngine engine) {
        if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName().toLowerCase(Locale.ROOT);
                }
            }
        }
        return null;
    }

    /** Those that fit the name alike, whatever their kind of key: the client's abilities decide among them. */
    private List<TlsCertificate> candidates(@Nullable String host) {
        List<TlsCertificate> found =
                host == null ? List.of() : those(each -> each.names().contains(host));
        if (found.isEmpty() && host != null) {
            found = those(each -> each.isFor(host));
        }
        if (found.isEmpty() && !certificates.isEmpty()) {
            Set<String> names = certificates.get(0).names();
            found = those(each -> each.names().equals(names));
        }
        return found;
    }

    private List<TlsCertificate> those(Predicate<TlsCertificate> condition) {
        return certificates.stream().filter(condition).toList();
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine unusedEngine) {
        for (String keyType : keyTypes) {
            for (TlsCertificate each : certificates) {
                if (each.keyType().equals(keyType) && isAccepted(each, issuers)) {
                    return alias(each);
                }
            }
        }
        return null;
    }

    private static boolean isAccepted(TlsCertificate certificate, Principal @Nullable [] issuers) {
        if (issuers == null || issuers.length == 0) {
            return true;
        }
        List<Principal> accepted = Arrays.asList(issuers);
        return certificate.chain().stream()
                .anyMatch(each -> accepted.contains(each.getIssuerX500Principal())
                        || accepted.contains(each.getSubjectX500Principal()));
    }

    private String alias(TlsCertificate certificate) {
        return Integer.toString(certificates.indexOf(certificate));
    }

    private @Nullable TlsCertificate named(@Nullable String alias) {
        return alias == null ? null : certificates.get(Integer.parseInt(alias)); // made by this
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        TlsCertificate named = named(alias);
        return named == null ? null : named.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        TlsCertificate named = named(alias);
        return named == null ? null : named.key();
    }

    // What the platform asks for plain sockets, which this library has none of.

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
