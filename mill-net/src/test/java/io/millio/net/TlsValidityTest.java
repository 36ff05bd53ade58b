package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.tls.Authority;
import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsContextBuilder;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates whose time or chain is wrong, of either side: who they are shown to says what is wrong. */
class TlsValidityTest extends NetCase {
    private static final Instant LONG_AGO = Instant.parse("2001-01-01T00:00:00Z");
    private static final Instant PAST = Instant.parse("2002-01-01T00:00:00Z");
    private static final Instant FUTURE = Instant.parse("2099-01-01T00:00:00Z");
    private static final Instant FAR_OFF = Instant.parse("2100-01-01T00:00:00Z");

    private static final Authority ROOT = new Authority("root");
    private static final Authority BETWEEN = new Authority("between", ROOT);

    private final Recorder there = new Recorder();
    private final Recorder here = new Recorder();
    private final List<String> reasons = new CopyOnWriteArrayList<>();

    @BeforeEach
    void encryptedOnly() {
        Assumptions.assumeTrue(kind.isEncrypted(), "of TLS");
    }

    private void serve(TlsContextBuilder context) throws Exception {
        serverTls = context.build();
        start(serverBuilder()
                .refusals((remote, why, failure) -> {
                    refused.add(why);
                    reasons.add(failure == null ? "" : String.valueOf(failure.getMessage()));
                })
                .handler(tracked(there)));
    }

    private static TlsContextBuilder serverWith(TlsCertificate certificate) {
        return TlsContext.server().certificates(List.of(certificate));
    }

    private TlsContextBuilder clientThatTrusts(X509Certificate trusted) {
        return TlsContext.client()
                .protocols(kind.protocol())
                .serverName("localhost")
                .trust(List.of(trusted));
    }

    private CompletableFuture<Connection> begin(TlsContextBuilder context) {
        clientTls = context.build();
        return client().connect(address(), tracked(here));
    }

    /** The client has refused, for this reason, and the server knows. */
    private void assertRefusedHere(CompletableFuture<Connection> connecting, String reason) {
        venue.until("it has failed", connecting::isDone);
        Throwable failure = failureOf(connecting);
        assertThat(failure).isInstanceOf(ConnectionException.class);
        assertThat(((ConnectionException) failure).closeCause()).isEqualTo(CloseCause.TLS_FAILED);
        assertThat(failure).hasMessageContaining(reason);
        assertThat(here.callbacks).isEmpty();
        venue.until("the server knows", () -> !refused.isEmpty());
        assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);
        assertThat(there.callbacks).isEmpty();
    }

    /** The server has refused, for this reason, and the client knows. */
    private void assertRefusedThere(CompletableFuture<Connection> connecting, String reason) {
        venue.until("refused", () -> !refused.isEmpty());
        assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);
        assertThat(reasons).singleElement().asString().contains(reason);
        assertThat(there.callbacks).isEmpty();
        // In TLS 1.3 the client has opened before the server has looked.
        venue.until("the client knows", () -> here.isClosed() || connecting.isCompletedExceptionally());
    }

    @Test
    void anExpiredCertificateOfAServerIsRefusedWithItsDate() throws Exception {
        serve(serverWith(BETWEEN.issue(LONG_AGO, PAST)));

        assertRefusedHere(begin(clientThatTrusts(ROOT.root())), "NotAfter: ");
    }

    @Test
    void aCertificateOfAServerThatIsNotValidYetIsRefusedWithItsDate() throws Exception {
        serve(serverWith(BETWEEN.issue(FUTURE, FAR_OFF)));

        assertRefusedHere(begin(clientThatTrusts(ROOT.root())), "NotBefore: ");
    }

    @Test
    void aChainWithoutWhatIsBetweenIsRefused() throws Exception {
        TlsCertificate whole = BETWEEN.issue();
        serve(serverWith(TlsCertificate.of(whole.chain().subList(0, 1), Certificates.key(whole))));

        assertRefusedHere(begin(clientThatTrusts(ROOT.root())), "unable to find valid certification path");
    }

    @Test
    void aWholeChainIsTrusted() throws Exception {
        serve(serverWith(BETWEEN.issue()));
        CompletableFuture<Connection> connecting = begin(clientThatTrusts(ROOT.root()));
        venue.until("connected", connecting::isDone);

        assertThat(connecting).isCompleted();
    }

    @Test
    void whatIsBetweenNeedNotBeSentIfItIsTrusted() throws Exception {
        TlsCertificate whole = BETWEEN.issue();
        serve(serverWith(TlsCertificate.of(whole.chain().subList(0, 1), Certificates.key(whole))));
        CompletableFuture<Connection> connecting = begin(clientThatTrusts(BETWEEN.chain.get(0)));
        venue.until("connected", connecting::isDone);

        assertThat(connecting).isCompleted();
    }

    /** As the guide says: the platform checks the validity period only of certificates issued by others. */
    @Test
    void aCertificateThatIsTrustedItselfIsSoAfterItsTimeToo() throws Exception {
        TlsCertificate expired = ROOT.issue(LONG_AGO, PAST);
        serve(serverWith(expired));
        CompletableFuture<Connection> connecting =
                begin(clientThatTrusts(expired.chain().get(0)));
        venue.until("connected", connecting::isDone);

        assertThat(connecting).isCompleted();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCertificateOfAClientOfAnotherTimeIsRefusedWithItsDate(boolean notYet) throws Exception {
        serve(Certificates.server()
                .trust(List.of(ROOT.root()))
                .clientCertificate(TlsContext.ClientCertificate.REQUIRED));
        TlsCertificate own = notYet ? BETWEEN.issue(FUTURE, FAR_OFF) : BETWEEN.issue(LONG_AGO, PAST);

        CompletableFuture<Connection> connecting =
                begin(Certificates.client().protocols(kind.protocol()).certificates(List.of(own)));

        assertRefusedThere(connecting, notYet ? "NotBefore: " : "NotAfter: ");
    }

    @Test
    void aChainOfAClientWithoutWhatIsBetweenIsRefused() throws Exception {
        serve(Certificates.server()
                .trust(List.of(BETWEEN.root()))
                .clientCertificate(TlsContext.ClientCertificate.REQUIRED));
        // It names the root as its issuer, so that it is sent, and another has signed it.
        TlsCertificate own = new Authority("root").issue();

        CompletableFuture<Connection> connecting =
                begin(Certificates.client().protocols(kind.protocol()).certificates(List.of(own)));

        assertRefusedThere(connecting, "PKIX path");
    }
}
