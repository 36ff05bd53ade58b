package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.tls.Certificates;
import io.millio.net.wire.TlsBuffers;
import io.millio.net.wire.TlsWire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that are no plain data, or are of a size that does not fit. */
class TlsRecordTest extends NetCase {
    private static final int RECORD_DATA_BYTES = 16 * 1024;

    private final Recorder there = new Recorder();
    private final Recorder here = new Recorder();

    @BeforeEach
    void encryptedOnly() {
        Assumptions.assumeTrue(kind.isEncrypted(), "of TLS");
    }

    private static TlsWire wireOf(Connection connection) {
        return (TlsWire) ((StreamConnection) connection).wire;
    }

    /** Does in a loop what needs the connection's own parts. */
    private interface Act {
        void on(StreamConnection connection, TlsWire wire) throws IOException;
    }

    private void in(Connection of, Act act) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        of.loop().execute(() -> {
            try {
                act.on((StreamConnection) of, wireOf(of));
                done.complete(true);
            } catch (IOException | RuntimeException | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        venue.until("done in the loop", done::isDone);
        done.join();
    }

    /** In TLS 1.3 what an engine calls a handshake is a key update that asks for one. */
    private static void handshakeAgain(StreamConnection connection, TlsWire wire) throws IOException {
        wire.engine.beginHandshake();
        ByteBuffer record = ByteBuffer.allocate(TlsBuffers.RECORD_BYTES);
        wire.engine.wrap(ByteBuffer.allocate(0), record);
        assertThat(connection.stream().write(record.flip())).isPositive();
    }

    @Test
    void keyUpdatesOfEitherSideChangeNothing() throws Exception {
        Assumptions.assumeTrue(kind.protocol().equals("TLSv1.3"), "of TLS 1.3");
        serve(there);
        Connection connection = connect(here);
        venue.until("open", () -> there.connection != null);
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            in(connection, TlsRecordTest::handshakeAgain);
            in(there.connection(), TlsRecordTest::handshakeAgain);
            sent.append(i);
            connection.write(bytes("" + i));
            there.connection().write(bytes("" + i));
            venue.until(
                    "both have it",
                    () -> there.text().contentEquals(sent) && here.text().contentEquals(sent));
        }
    }

    @Test
    void aKeyUpdateMayComeAfterTheFarewell() throws Exception {
        Assumptions.assumeTrue(kind.protocol().equals("TLSv1.3"), "of TLS 1.3");
        here.onOpen = Connection::pauseReading; // so that it does not know of it
        serve(there);
        Connection connection = connect(here);
        venue.until("open", () -> there.connection != null);
        there.connection().shutdownOutput();
        venue.settle();

        for (int i = 0; i < 3; i++) {
            in(connection, TlsRecordTest::handshakeAgain);
        }
        connection.write(bytes("final data"));
        venue.until("arrived or closed", () -> there.text().equals("final data") || there.isClosed());

        assertThat(there.text()).isEqualTo("final data");
    }

    @Test
    void aSecondHandshakeAfterTheFarewellEndsToo() throws Exception {
        Assumptions.assumeTrue(kind.protocol().equals("TLSv1.2"), "of TLS 1.2");
        there.onOpen = Connection::pauseReading;
        serve(there);
        Connection connection = connect(here);
        venue.until("open", () -> there.connection != null);
        in(connection, TlsRecordTest::handshakeAgain);
        in(connection, (own, wire) -> own.stream().write(bytes("behind it, so that there is more to take")));
        there.connection().shutdownOutput();
        venue.settle();

        there.connection().resumeReading();
        venue.until("it has ended", there::isClosed);

        assertThat(there.cause).isIn(CloseCause.RENEGOTIATION, CloseCause.TLS_FAILED, CloseCause.PEER);
    }

    @Test
    void aRecordOfTheLargestSizeIsReadIntoAnyRoom() throws Exception {
        there.onOpen = Connection::pauseReading;
        serve(there);
        Connection connection = connect(here);
        venue.until("open", () -> there.connection != null);
        byte[] sent = pattern(3 * RECORD_DATA_BYTES);
        connection.write(ByteBuffer.wrap(sent));
        byte[] got = new byte[sent.length];
        int[] count = {0};

        while (count[0] < sent.length) {
            in(there.connection(), (own, wire) -> {
                ByteBuffer small = ByteBuffer.allocate(1_000);
                int n = wire.read(own.stream(), small);
                small.flip().get(got, count[0], n);
                count[0] += n;
            });
        }

        assertBytes(got, sent);
        assertThat(pool.stats().leasedBytes()).isZero();
    }

    /** Here a record may have more bytes than what is in it, and be thought too large for the room. */
    @ParameterizedTest
    @ValueSource(strings = {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"})
    void behindARecordThatJustFitsTheNextIsSeen(String suite) throws Exception {
        serverTls = Certificates.server().cipherSuites(suite).build();
        clientTls =
                Certificates.client().protocols("TLSv1.2").cipherSuites(suite).build();
        there.onOpen = Connection::pauseReading;
        serve(there);
        Connection connection = connect(here);
        venue.until("open", () -> there.connection != null);
        connection.write(ByteBuffer.wrap(pattern(100)));
        venue.settle(); // else both are one record
        connection.write(ByteBuffer.wrap(pattern(100)));
        venue.settle();

        in(there.connection(), (own, wire) -> {
            assertThat(wire.read(own.stream(), ByteBuffer.allocate(100))).isEqualTo(100);
            assertThat(wire.holdsInput()).isTrue();
            assertThat(wire.read(own.stream(), ByteBuffer.allocate(100))).isEqualTo(100);
        });
    }
}
