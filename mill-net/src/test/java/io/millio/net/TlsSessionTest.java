package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsContextBuilder;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is remembered of connections that have gone. */
class TlsSessionTest extends NetCase {
    private static final int MOST = 7;

    /** Far more than are remembered; {@code -Dmillio.test.connections=10000} for many more. */
    private static final int CONNECTIONS = Integer.getInteger("millio.test.connections", 100);

    @BeforeEach
    void encryptedOnly() {
        Assumptions.assumeTrue(kind.isEncrypted(), "of TLS");
    }

    /** One connection from beginning to end, with tickets and farewells; returns its session. */
    private SSLSession useOnce() {
        Recorder here = new Recorder();
        Connection connection = connect(here);
        connection.write(bytes("x"));
        venue.until("echoed", () -> here.text().equals("x"));
        SSLSession session = Objects.requireNonNull(connection.tls()).session();
        connection.close();
        venue.until("closed", here::isClosed);
        return session;
    }

    @Test
    void theSettingsHoldForExchangedCertificatesToo() {
        for (TlsContext each : new TlsContext[] {
            Certificates.server()
                    .sessionCacheSize(MOST)
                    .sessionTimeout(Duration.ofMinutes(5))
                    .build(),
            Certificates.client()
                    .sessionCacheSize(MOST)
                    .sessionTimeout(Duration.ofMinutes(5))
                    .build()
        }) {
            for (int i = 0; i < 2; i++) {
                SSLSessionContext sessions = Certificates.sessions(each);
                assertThat(sessions.getSessionCacheSize()).isEqualTo(MOST);
                assertThat(sessions.getSessionTimeout()).isEqualTo(300);
                each.exchangeCertificates(List.of(Certificates.RSA));
                assertThat(Certificates.sessions(each)).isNotSameAs(sessions);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT0.999S", "PT168H0.001S"})
    void aTimeoutThatNoSessionCanHaveIsRefused(String timeout) {
        TlsContextBuilder builder = TlsContext.client();

        assertThatThrownBy(() -> builder.sessionTimeout(Duration.parse(timeout)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeout: " + Duration.parse(timeout));
        assertThat(builder.sessionTimeout(Duration.ofSeconds(1)).sessionTimeout(Duration.ofDays(7)))
                .isSameAs(builder);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void aCacheWithoutRoomIsRefused(int sessions) {
        assertThatThrownBy(() -> TlsContext.server().sessionCacheSize(sessions))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sessions: " + sessions);
    }

    /** A ticket's time is what the server says: the client does not ask for one that is over. */
    @Test
    void aSessionIsResumedWithinItsTime() throws Exception {
        serverTls = Certificates.server().sessionTimeout(Duration.ofDays(7)).build();
        clientTls = Certificates.client()
                .protocols(kind.protocol())
                .sessionTimeout(Duration.ofDays(7))
                .build();
        start(serverBuilder().handlers(connection -> tracked(Recorder.echo())));
        SSLSession first = useOnce();

        assertThat(useOnce().getCreationTime()).isEqualTo(first.getCreationTime());
    }

    /** Then the engine reports the end of a handshake with a client certificate without any byte. */
    @Test
    void aServerWithoutTicketsTakesClientCertificates() throws Exception {
        TlsContext context = Certificates.server()
                .trust(Certificates.CLIENT.chain())
                .clientCertificate(TlsContext.ClientCertificate.REQUIRED)
                .build();
        Certificates.sessions(context)
                .setSessionTimeout((int) Duration.ofDays(8).toSeconds()); // for which there are no tickets
        serverTls = context;
        clientTls = Certificates.client()
                .protocols(kind.protocol())
                .certificates(List.of(Certificates.CLIENT))
                .build();
        start(serverBuilder().handlers(connection -> tracked(Recorder.echo())));

        assertThat(useOnce().getLocalCertificates()).isNotNull();
        assertThat(refused).isEmpty();
    }

    private static List<byte[]> remembered(TlsContext context) {
        return Collections.list(Certificates.sessions(context).getIds());
    }

    /** To the server by another name, for which there is no session yet, and back; nothing else keeps what it had. */
    private WeakReference<SSLSession> useOnceAs(String host) throws IOException {
        InetSocketAddress server = (InetSocketAddress) address();
        byte[] ip = server.getAddress().getAddress();
        Recorder one = new Recorder();
        CompletableFuture<Connection> connecting =
                client().connect(new InetSocketAddress(InetAddress.getByAddress(host, ip), server.getPort()), one);
        venue.until("connected", connecting::isDone);
        Connection connection = connecting.join();
        connection.write(bytes("x"));
        venue.until("echoed", () -> one.text().equals("x"));
        WeakReference<SSLSession> session =
                new WeakReference<>(Objects.requireNonNull(connection.tls()).session());
        connection.close();
        venue.until("closed", one::isClosed);
        return session;
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS) // with ten thousand and more
    void howeverManyConnectionsThereWereNoMoreSessionsAreRemembered() throws Exception {
        TlsContext server = Certificates.withoutTickets(Certificates.server().sessionCacheSize(MOST));
        TlsContext client = Certificates.client()
                .protocols(kind.protocol())
                .verifyHost(false)
                .sessionCacheSize(MOST)
                .build();
        serverTls = server;
        clientTls = client;
        start(serverBuilder().handlers(connection -> Recorder.echo()));
        List<WeakReference<SSLSession>> sessions = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            sessions.add(useOnceAs("h" + i));

            assertThat(remembered(server)).hasSize(Math.min(i + 1, MOST));
            assertThat(remembered(client)).hasSizeBetween(1, MOST); // of TLS 1.3 one for the handshake, too
        }

        // In TLS 1.3 what is remembered is not what the connection had, and keeps it no longer.
        eventually("the others are collected", () -> {
            System.gc();
            return sessions.stream().filter(each -> each.get() != null).count() <= 2 * MOST;
        });
    }
}
