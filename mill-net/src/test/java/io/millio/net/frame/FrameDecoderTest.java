package io.millio.net.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.NetCase;
import io.millio.net.Recorder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Framing, over a server and a client, cut at any place. */
class FrameDecoderTest extends NetCase {
    private final Recorder there = new Recorder();
    private final Recorder here = new Recorder();

    /** What the frames are when the bytes come in one piece, and in pieces of every small size. */
    private List<String> frames(FrameDecoder decoder, byte[] sent) throws Exception {
        List<String> frames = new ArrayList<>();
        there.onData = (connection, bytes) -> decoder.decode(connection, bytes, (from, frame) -> {
            byte[] copy = new byte[frame.remaining()];
            frame.get(copy);
            frames.add(new String(copy, StandardCharsets.ISO_8859_1));
        });
        serve(there);
        Connection connection = connect(here);
        connection.write(ByteBuffer.wrap(sent));
        venue.settle();
        List<String> whole = List.copyOf(frames);
        for (int size = 1; size <= 5; size++) {
            frames.clear();
            for (int from = 0; from < sent.length; from += size) {
                connection.write(ByteBuffer.wrap(sent, from, Math.min(size, sent.length - from)));
                venue.step();
            }
            venue.settle();
            assertThat(frames).as("in pieces of " + size).isEqualTo(whole);
        }
        return whole;
    }

    private List<String> frames(FrameDecoder decoder, String sent) throws Exception {
        return frames(decoder, sent.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void lines() throws Exception {
        assertThat(frames(FrameDecoder.lines(20), "one\ntwo\r\n\n\r\nlonger than eight\r\nr\rin\n"))
                .containsExactly("one", "two", "", "", "longer than eight", "r\rin");
    }

    @Test
    void delimiters() throws Exception {
        assertThat(frames(FrameDecoder.delimited(30, new byte[] {'-', '-', '>'}), "a-->-->b-c->d-->---->"))
                .containsExactly("a", "", "b-c->d", "--");
    }

    @Test
    void fixedSize() throws Exception {
        assertThat(frames(FrameDecoder.fixed(3), "abcdefghi")).containsExactly("abc", "def", "ghi");
    }

    @Test
    void lengthFieldsOfEveryWidthAndOrder() throws Exception {
        for (int width = 1; width <= 8; width++) {
            for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
                FrameDecoder decoder = FrameDecoder.lengthField(100, 2, width, 1, 2, order);
                ByteBuffer sent = ByteBuffer.allocate(2 + width + 4);
                sent.put(new byte[] {'h', 'd'});
                for (int i = 0; i < width; i++) {
                    boolean low = order == ByteOrder.BIG_ENDIAN ? i == width - 1 : i == 0;
                    sent.put((byte) (low ? 3 : 0));
                }
                sent.put(new byte[] {'a', 'b', 'c', 'd'}).flip();
                List<String> found = new ArrayList<>();
                decoder.decode(unpaused(), sent, (connection, frame) -> {
                    byte[] copy = new byte[frame.remaining()];
                    frame.get(copy);
                    found.add(new String(copy, StandardCharsets.ISO_8859_1).substring(copy.length - 4));
                });
                assertThat(found).as(width + " " + order).containsExactly("abcd");
                assertThat(sent.hasRemaining()).isFalse();
            }
        }
    }

    private Connection unpaused() throws Exception {
        if (here.connection == null) {
            serve(there);
            connect(here);
        }
        return here.connection();
    }

    @Test
    void lengthPrefixed() throws Exception {
        assertThat(frames(FrameDecoder.lengthPrefixed(5, 2), "\0\3abc\0\0\0\5defgh"))
                .containsExactly("abc", "", "defgh");
    }

    @Test
    void overTheMaximumIsRefusedAsSoonAsItIsKnown() throws Exception {
        Connection connection = unpaused();
        FrameHandler none = (from, frame) -> {};
        for (String tooLong : new String[] {"123456\n", "123456\r\n", "1234567"}) {
            assertThatThrownBy(() -> FrameDecoder.lines(5).decode(connection, bytes(tooLong), none))
                    .as(tooLong)
                    .isInstanceOf(FrameException.class);
        }
        FrameDecoder.lines(5).decode(connection, bytes("12345\r\n"), none);
        FrameDecoder.lines(5).decode(connection, bytes("12345\r"), none);
        assertThatThrownBy(() -> FrameDecoder.lengthPrefixed(5, 1).decode(connection, bytes("\6"), none))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("6");
        assertThatThrownBy(() -> FrameDecoder.lengthPrefixed(5, 8).decode(connection, bytes("\u00ff".repeat(8)), none))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("18446744073709551615");
        assertThatThrownBy(() -> FrameDecoder.lengthField(9, 0, 1, -2, 0, ByteOrder.BIG_ENDIAN)
                        .decode(connection, bytes("\1"), none))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("negative");
    }

    /** What was searched before is replaced by line ends: one that searches it again finds lines that never came. */
    @Test
    void noByteOfAnUnfinishedLineIsSearchedTwice() throws Exception {
        FrameDecoder lines = FrameDecoder.lines(1_000_000);
        int[] searched = {0};
        int[] found = {0};
        there.onData = (connection, bytes) -> {
            int start = bytes.position();
            for (int i = 0; i < searched[0]; i++) {
                bytes.put(start + i, (byte) '\n');
            }
            searched[0] = bytes.remaining();
            lines.decode(connection, bytes, (from, line) -> {
                found[0]++;
                there.takeAll(from, line);
            });
        };
        serve(there);
        Connection connection = connect(here);
        int sent = 0;
        for (int piece : new int[] {3, 20_000, 1, 40_000, 1, 1}) {
            connection.write(ByteBuffer.allocate(piece));
            sent += piece;
            int all = sent;
            venue.until("searched", () -> searched[0] == all || found[0] > 0);
        }
        assertThat(found[0]).as("lines in bytes that were searched before").isZero();
        connection.write(bytes("\n"));
        int line = sent;
        venue.until("the line is there", () -> there.received.size() == line);
    }

    @Test
    void delimitersInPiecesAreFoundAlsoByAnotherDecoder() throws Exception {
        FrameDecoder lines = FrameDecoder.lines(1_000);
        FrameDecoder marks = FrameDecoder.delimited(1_000, new byte[] {'-', '-', '>'});
        List<String> frames = new ArrayList<>();
        boolean[] marked = {false};
        there.onData = (connection, bytes) -> (marked[0] ? marks : lines)
                .decode(
                        connection,
                        bytes,
                        (from, frame) -> frames.add(
                                StandardCharsets.ISO_8859_1.decode(frame).toString()));
        serve(there);
        Connection connection = connect(here);
        for (String piece : new String[] {"a--", ">b\r", "\nc-->d", "-"}) {
            connection.write(bytes(piece));
            venue.settle();
        }
        assertThat(frames).containsExactly("a-->b");
        marked[0] = true;
        for (String piece : new String[] {"-", ">e-->f", "-->"}) {
            connection.write(bytes(piece));
            venue.settle();
        }
        assertThat(frames).containsExactly("a-->b", "c", "d", "e", "f");
    }

    @Test
    void aHandlerThatPausesGetsTheOtherFramesWhenItResumes() throws Exception {
        FrameDecoder lines = FrameDecoder.lines(100);
        there.onData = (connection, bytes) -> lines.decode(connection, bytes, (from, line) -> {
            there.takeAll(from, line);
            from.pauseReading();
        });
        serve(there);
        connect(here).write(bytes("a\nb\nc\n"));
        venue.settle();
        assertThat(there.text()).isEqualTo("a");
        there.connection().resumeReading();
        venue.settle();
        assertThat(there.text()).isEqualTo("ab");
    }

    @Test
    void randomFramesInRandomPiecesComeOutAsTheyWentIn() throws Exception {
        Random random = new Random(5);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int i = 0; i < 300; i++) {
            byte[] frame = new byte[random.nextInt(i % 10 == 0 ? 100_000 : 200)];
            random.nextBytes(frame);
            sent.writeBytes(ByteBuffer.allocate(4).putInt(frame.length).array());
            sent.writeBytes(frame);
            expected.writeBytes(frame);
        }
        FrameDecoder decoder = FrameDecoder.lengthPrefixed(100_000, 4);
        there.onData = (connection, bytes) -> decoder.decode(connection, bytes, there::takeAll);
        serve(there);
        Connection connection = connect(here);
        byte[] all = sent.toByteArray();
        for (int from = 0; from < all.length; ) {
            int length = Math.min(all.length - from, 1 + random.nextInt(50_000));
            connection.write(ByteBuffer.wrap(all, from, length));
            from += length;
            venue.step();
        }
        venue.until("all is there", () -> there.received.size() == expected.size());

        assertBytes(there.received.toByteArray(), expected.toByteArray());
    }

    private List<String> framesUpToTheEnd(FrameDecoder decoder, String sent) throws Exception {
        List<String> frames = new ArrayList<>();
        start(serverBuilder()
                .handler(decoder.handler((from, frame) ->
                        frames.add(StandardCharsets.ISO_8859_1.decode(frame).toString()))));
        Recorder client = new Recorder();
        Connection connection = connect(client);
        connection.write(bytes(sent));
        connection.close();
        venue.until("closed", client::isClosed);
        return frames;
    }

    @Test
    void aLastLineWithoutItsEndIsALine() throws Exception {
        assertThat(framesUpToTheEnd(FrameDecoder.lines(20), "one\ntwo")).containsExactly("one", "two");
        assertThat(framesUpToTheEnd(FrameDecoder.lines(3), "one\r\ntwo\r")).containsExactly("one", "two");
        assertThat(framesUpToTheEnd(FrameDecoder.lines(3), "one\n")).containsExactly("one");
    }

    @Test
    void anIncompleteFrameWithALengthAtTheEndIsNone() throws Exception {
        FrameDecoder decoder = FrameDecoder.fixed(4);
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        ConnectionHandler framed = decoder.handler((from, frame) -> frame.position(frame.limit()));
        start(serverBuilder().handler(new ConnectionHandler() {
            @Override
            public void onData(Connection connection, ByteBuffer bytes) throws Exception {
                framed.onData(connection, bytes);
            }

            @Override
            public void onInputClosed(Connection connection, ByteBuffer rest) throws Exception {
                framed.onInputClosed(connection, rest);
            }

            @Override
            public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
                thrown.set(failure);
            }
        }));
        Connection connection = connect(here);
        connection.write(bytes("wholehalf"));
        connection.close();
        venue.until("refused", () -> thrown.get() != null);

        assertThat(thrown.get()).isInstanceOf(FrameException.class).hasMessageContaining("1 bytes");
    }

    @Test
    void aMaximumThatMayNotBeUnreadIsRefused() throws Exception {
        expectErrors();
        options = options.withMaxUnreadBytes(100);
        ConnectionHandler tooLong = FrameDecoder.lines(99).handler((from, frame) -> {});
        assertThatThrownBy(() -> serverBuilder().handler(tooLong).start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxBytes: 99, with delimiter or length field 101, must be at most maxUnreadBytes: 100");
        FrameDecoder decoder = FrameDecoder.lengthPrefixed(97, 4);
        there.onData = (connection, bytes) -> decoder.decode(connection, bytes, (from, frame) -> {});
        serve(there);
        connect(here).write(bytes("x"));
        venue.until("closed", there::isClosed);

        assertThat(there.failure).hasMessageContaining("maxUnreadBytes: 100");
        assertThat(FrameDecoder.lengthPrefixed(96, 4).handler((from, frame) -> {}))
                .isNotNull();
    }
}
