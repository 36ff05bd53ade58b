package io.millio.net.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.NetCase;
import io.millio.net.Recorder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Formats of a program's own: the examples of docs/guide/net.md, whole and byte by byte. */
class FrameFormatTest extends NetCase {
    private final Recorder server = new Recorder();
    private final List<String> frames = new ArrayList<>();

    /** A length in 7 bits of each byte, the lowest first (protobuf's varint), in front of so many bytes. */
    private static int varint(ByteBuffer bytes, int searched) throws FrameException {
        int length = 0;
        for (int i = 0; i < bytes.remaining(); i++) {
            byte next = bytes.get(bytes.position() + i);
            length |= (next & 0x7f) << 7 * i;
            if (next >= 0) {
                return i + 1 + length;
            }
            if (i == 3) {
                throw FrameException.bad("a length of more than 28 bits");
            }
        }
        return FrameFormat.UNKNOWN;
    }

    /** A fixed header of one byte, and the length as above (MQTT 3.1.1, section 2.2). */
    private static int mqtt(ByteBuffer bytes, int searched) throws FrameException {
        if (bytes.remaining() < 2) {
            return FrameFormat.UNKNOWN;
        }
        int rest = varint(bytes.slice(bytes.position() + 1, bytes.remaining() - 1), 0);
        return rest == FrameFormat.UNKNOWN ? rest : 1 + rest;
    }

    /** A bulk string, such as {@code $3\r\nabc\r\n}, or a line (RESP 2). */
    private static int resp(ByteBuffer bytes, int searched) throws FrameException {
        int length = 0;
        for (int at = bytes.position(); at < bytes.limit(); at++) {
            byte next = bytes.get(at);
            if (next == '\n') {
                int line = at + 1 - bytes.position();
                return bytes.get(bytes.position()) == '$' ? line + length + 2 : line;
            }
            length = next >= '0' && next <= '9' ? 10 * length + next - '0' : length;
        }
        return FrameFormat.UNKNOWN;
    }

    private void serve(FrameDecoder decoder, FrameHandler handler) throws Exception {
        frames.clear();
        server.onData = (connection, bytes) -> decoder.decode(connection, bytes, handler);
        serve(server);
    }

    private void take(Connection from, ByteBuffer frame) {
        frames.add(StandardCharsets.ISO_8859_1.decode(frame).toString());
    }

    private void send(String text) {
        Connection connection = connect(new Recorder());
        connection.write(bytes(text));
        venue.settle();
        List<String> whole = List.copyOf(frames);
        frames.clear();
        for (int i = 0; i < text.length(); i++) {
            connection.write(bytes(text.substring(i, i + 1)));
            venue.step();
        }
        venue.settle();
        assertThat(frames).as("byte by byte").isEqualTo(whole);
    }

    @Test
    void varintsOfProtobuf() throws Exception {
        serve(FrameDecoder.of(300, FrameFormatTest::varint), this::take);
        String longer = "\u00c8\u0001" + "x".repeat(200);
        send("\u0003abc\u0000" + longer + "\u0001z");
        assertThat(frames).containsExactly("\u0003abc", "\u0000", longer, "\u0001z");
    }

    @Test
    void packetsOfMqtt() throws Exception {
        serve(FrameDecoder.of(300, FrameFormatTest::mqtt), this::take);
        send("\u00c0\u00000\u0004\u0000\u0001ab\u00e0\u0000");
        assertThat(frames).containsExactly("\u00c0\u0000", "0\u0004\u0000\u0001ab", "\u00e0\u0000");
    }

    @Test
    void stringsOfRedis() throws Exception {
        serve(FrameDecoder.of(300, FrameFormatTest::resp), this::take);
        send("$3\r\na\nb\r\nPING\r\n$0\r\n\r\n");
        assertThat(frames).containsExactly("$3\r\na\nb\r\n", "PING\r\n", "$0\r\n\r\n");
    }

    @Test
    void aFrameIsDecodedFurtherByAnotherDecoder() throws Exception {
        FrameDecoder lines = FrameDecoder.lines(100);
        serve(FrameDecoder.of(300, FrameFormatTest::varint), (connection, frame) -> {
            frame.position(frame.position() + 1);
            frames.add("frame");
            lines.decodeLast(connection, frame, this::take);
        });
        send("\u0007one\ntwo\u0002a\n\u0001b");
        assertThat(frames).containsExactly("frame", "one", "two", "frame", "a", "frame", "b");
    }

    @Test
    void aFrameOverItsMaximumIsRefusedAsSoonAsItsLengthIsKnown() throws Exception {
        serve(FrameDecoder.of(10, FrameFormatTest::varint), this::take);
        Connection connection = connect(new Recorder());
        connection.write(bytes("\n"));
        venue.until("closed", server::isClosed);
        assertThat(server.cause).isEqualTo(CloseCause.FRAME_TOO_LARGE);
        assertThat(server.failure).hasMessage("frame of 11 bytes, at most 10 are allowed");
    }

    @Test
    void bytesWithoutAnEndAreRefusedAtTheMaximum() throws Exception {
        serve(FrameDecoder.of(10, FrameFormatTest::resp), this::take);
        Connection connection = connect(new Recorder());
        connection.write(bytes("123456789"));
        venue.settle();
        assertThat(server.isClosed()).isFalse();
        connection.write(bytes("0"));
        venue.until("closed", server::isClosed);
        assertThat(server.cause).isEqualTo(CloseCause.FRAME_TOO_LARGE);
    }

    @Test
    void whatIsNoFrameIsRefused() throws Exception {
        serve(FrameDecoder.of(300, FrameFormatTest::varint), this::take);
        Connection connection = connect(new Recorder());
        connection.write(bytes("\u00ff\u00ff\u00ff\u00ff"));
        venue.until("closed", server::isClosed);
        assertThat(server.cause).isEqualTo(CloseCause.BAD_FRAME);
    }

    @Test
    void anEndBeforeTheEndOfAFrameIsRefused() throws Exception {
        needsHalfClose();
        List<CloseCause> causes = new ArrayList<>();
        ConnectionHandler framed = FrameDecoder.of(300, FrameFormatTest::varint).handler(this::take);
        start(serverBuilder().handlers(accepted -> new ConnectionHandler() {
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
                causes.add(cause);
            }
        }));
        Connection connection = connect(new Recorder());
        connection.write(bytes("\u0002a"));
        connection.shutdownOutput();
        venue.until("closed", () -> !causes.isEmpty());
        assertThat(causes).containsExactly(CloseCause.BAD_FRAME);
    }

    @Test
    void aFormatThatReturnsNoLengthIsAnError() throws Exception {
        expectErrors();
        serve(FrameDecoder.of(10, (bytes, searched) -> 0), this::take);
        Connection connection = connect(new Recorder());
        connection.write(bytes("x"));
        venue.until("closed", server::isClosed);
        assertThat(server.cause).isEqualTo(CloseCause.HANDLER_FAILED);
        assertThat(server.failure).hasMessageContaining("must be at least 1");
    }
}
