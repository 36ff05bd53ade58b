package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.wire.TlsWire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers that send much which is no data, or take nothing of what they ask for. */
class TlsFloodTest extends NetCase {
    /** The head, the message, its kind, what the platform adds to hide its size, and the tag. */
    private static final int KEY_UPDATE_BYTES = 5 + 5 + 1 + 16 + 16;

    /** More updates than that are never free. */
    private static final int FREE_KEY_UPDATES = TlsWire.MAX_IDLE_BYTES / KEY_UPDATE_BYTES;

    /** So many bytes of data earn a key update. */
    private static final int DATA_BYTES = KEY_UPDATE_BYTES * TlsWire.DATA_BYTES_PER_IDLE_BYTE;

    private final Recorder there = new Recorder();
    private long mostLeased;

    @BeforeEach
    void encryptedOnly() {
        Assumptions.assumeTrue(kind.isEncrypted(), "of TLS");
    }

    private void keyUpdatesOnly() {
        Assumptions.assumeTrue(kind.protocol().equals("TLSv1.3"), "of TLS 1.3");
    }

    private EnginePeer shakenHands() throws Exception {
        serve(there);
        EnginePeer peer = new EnginePeer(address(), kind.protocol());
        peer.handshake(venue);
        venue.until("open", () -> there.connection != null);
        return peer;
    }

    /** What a peer does as soon as what it has said is taken. */
    private interface Saying {
        void say() throws IOException;
    }

    private void untilEnded(EnginePeer peer, Saying more) {
        venue.until("it has ended", () -> {
            try {
                if (peer.flush()) {
                    more.say();
                }
            } catch (IOException e) {
                // it has been cut off; why, the other side says
            }
            mostLeased = Math.max(mostLeased, pool.stats().leasedBytes());
            venue.step();
            return there.isClosed();
        });
    }

    @Test
    void aFloodOfKeyUpdatesEndsTheConnection() throws Exception {
        keyUpdatesOnly();
        try (EnginePeer peer = shakenHands()) {
            int[] sent = {0};
            untilEnded(peer, () -> {
                peer.handshakeAgain();
                sent[0]++;
            });

            assertThat(there.cause).isEqualTo(CloseCause.TLS_FAILED);
            assertThat(there.failure).hasMessage("too many records without data");
            assertThat(sent[0]).isBetween(FREE_KEY_UPDATES, 2 * FREE_KEY_UPDATES + 1_000);
        }
    }

    @Test
    void unreadAnswersEndTheConnectionHoweverMuchDataComes() throws Exception {
        keyUpdatesOnly();
        there.onOpen = connection -> connection.setOption(StandardSocketOptions.SO_SNDBUF, 4096);
        there.onData = (connection, bytes) -> bytes.position(bytes.limit());
        try (EnginePeer peer = shakenHands()) {
            untilEnded(peer, () -> {
                peer.handshakeAgain();
                peer.wrap(ByteBuffer.allocate(DATA_BYTES));
            });

            assertThat(there.cause).isEqualTo(CloseCause.TLS_FAILED);
            assertThat(there.failure).hasMessage("key updates without taking the answers");
            assertThat(mostLeased).isBetween(64L * 1024, 256L * 1024);
        }
    }

    @Test
    void whoSendsDataAndTakesTheAnswersMayUpdateKeysForever() throws Exception {
        keyUpdatesOnly();
        int[] got = {0};
        there.onData = (connection, bytes) -> {
            got[0] += bytes.remaining();
            bytes.position(bytes.limit());
        };
        try (EnginePeer peer = shakenHands()) {
            int updates = FREE_KEY_UPDATES + 200;
            for (int i = 0; i < updates; i++) {
                peer.handshakeAgain();
                peer.wrap(ByteBuffer.allocate(DATA_BYTES));
                venue.until("sent", () -> isFlushed(peer));
                peer.read();
            }
            venue.until("all has come", () -> got[0] == updates * DATA_BYTES || there.isClosed());

            assertThat(there.isClosed()).isFalse();
            assertThat(pool.stats().leasedBytes()).isZero();
        }
    }

    private static boolean isFlushed(EnginePeer peer) {
        try {
            return peer.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsWrittenEarnsKeyUpdatesToo() throws Exception {
        keyUpdatesOnly();
        try (EnginePeer peer = shakenHands()) {
            int updates = FREE_KEY_UPDATES + 200;
            for (int i = 0; i < updates; i++) {
                there.connection().write(ByteBuffer.allocate(DATA_BYTES));
                peer.handshakeAgain();
                venue.until("sent", () -> isFlushed(peer));
                int[] got = {0};
                venue.until("it has come", () -> (got[0] += peer.tryRead()) >= DATA_BYTES || there.isClosed());
            }

            assertThat(there.isClosed()).isFalse();
        }
    }

    /** They come with one read, of which each takes some; nothing more comes that would call for another. */
    @Test
    void dataBehindManyKeyUpdatesIsDelivered() throws Exception {
        keyUpdatesOnly();
        try (EnginePeer peer = shakenHands()) {
            for (int i = 0; i < 500; i++) {
                peer.handshakeAgain();
            }
            peer.wrap(bytes("behind"));
            venue.until("sent", () -> isFlushed(peer));

            venue.until("it has come", () -> there.text().equals("behind"));
        }
    }

    @Test
    void theEndBehindManyKeyUpdatesIsSeenByWhoHasClosed() throws Exception {
        keyUpdatesOnly();
        there.onOpen = Connection::pauseReading;
        try (EnginePeer peer = shakenHands()) {
            for (int i = 0; i < 1_400; i++) {
                peer.handshakeAgain();
            }
            peer.engine.closeOutbound();
            peer.wrap(ByteBuffer.allocate(0));
            venue.until("sent", () -> isFlushed(peer));
            there.connection().close();

            venue.until("closed", there::isClosed);
            assertThat(there.cause).isEqualTo(CloseCause.PEER);
        }
    }

    /** The engine passes over them, one by one, for as long as they come. */
    @Test
    void aHandshakeOfEndlessWarningsEnds() throws Exception {
        serve(there);
        byte[] warning = {21, 3, 3, 0, 2, 1, 90}; // that the user does not want to go on
        try (EnginePeer peer = new EnginePeer(address(), kind.protocol())) {
            for (int i = 0; i < 1_001; i++) {
                peer.raw(warning);
            }
            venue.until("sent", () -> isFlushed(peer));
            venue.until("refused", () -> !refused.isEmpty());

            assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);
        }
    }

    /** Of each the engine copies what has come before. */
    @Test
    void aHelloInTooManyPiecesIsRefused() throws Exception {
        serve(there);
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        byte[] head = {1, 0, 0x40, 0}; // a hello of 16 KiB
        for (int i = 0; i < 1_001; i++) {
            pieces.writeBytes(new byte[] {22, 3, 3, 0, 1, i < 4 ? head[i] : 0});
        }
        try (EnginePeer peer = new EnginePeer(address(), kind.protocol())) {
            peer.raw(pieces.toByteArray());
            venue.until("sent", () -> isFlushed(peer));
            venue.until("refused", () -> !refused.isEmpty());

            assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);
        }
    }

    /** In one read: intact data is delivered first, then the failure. */
    @Test
    void dataBeforeARecordThatWasTamperedWithIsDelivered() throws Exception {
        try (EnginePeer peer = shakenHands()) {
            peer.wrap(bytes("good"));
            byte[] bad = new byte[5 + 40];
            bad[0] = 23;
            bad[1] = 3;
            bad[2] = 3;
            bad[4] = 40;
            peer.raw(bad);
            venue.until("sent", () -> isFlushed(peer));
            venue.until("it has ended", there::isClosed);

            assertThat(there.text()).isEqualTo("good");
            assertThat(there.cause).isEqualTo(CloseCause.TLS_FAILED);
            assertThat(there.callbacks).doesNotContain("inputClosed");
        }
    }
}
