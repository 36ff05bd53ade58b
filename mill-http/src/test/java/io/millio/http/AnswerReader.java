package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Reads the answers of one connection, and compares them to what they should be: to the byte, as far as they came. */
final class AnswerReader {
    /** What should come. */
    static final class Expected {
        private final int status;
        private final byte[] body;
        private final boolean isHead;
        private final boolean mayContinue;

        Expected(int status, byte[] body, boolean isHead, boolean mayContinue) {
            this.status = status;
            this.body = body;
            this.isHead = isHead;
            this.mayContinue = mayContinue;
        }
    }

    private final List<Expected> expected;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private String text = "";
    private int at;
    private int complete;
    private boolean closed;
    private boolean refused;

    AnswerReader(List<Expected> expected) {
        this.expected = expected;
    }

    void take(ByteBuffer bytes) {
        byte[] part = new byte[bytes.remaining()];
        bytes.get(part);
        received.writeBytes(part);
        text = received.toString(StandardCharsets.ISO_8859_1);
        while (readOne()) {}
    }

    /** How many have come whole. */
    int complete() {
        return complete;
    }

    /** Whether an answer has said that it is the last. */
    boolean closed() {
        return closed;
    }

    /** At the end; a timeout may have refused a request, where the network is slow. */
    void check(boolean mayTimeOut) {
        assertThat(refused && !mayTimeOut).as("refused: %s", this).isFalse();
    }

    /** Reads one answer if it is whole, and compares its beginning if it is not. */
    private boolean readOne() {
        int end = text.indexOf("\r\n\r\n", at);
        if (end < 0) {
            return false;
        }
        assertThat(closed).as("an answer behind the last one").isFalse();
        String head = text.substring(at, end + 2).toLowerCase(Locale.ROOT);
        int status = Integer.parseInt(head.substring("http/1.1 ".length(), "http/1.1 ".length() + 3));
        int begin = end + 4;
        if (status == 408) { // perhaps to half a request behind the last one, in one piece with the last answer
            assertThat(head).contains("\r\nconnection: close\r\n");
            refused = true;
            closed = true;
            at = text.length();
            return false;
        }
        assertThat(complete).as("answers").isLessThan(expected.size());
        Expected wanted = expected.get(complete);
        if (status == 100 && wanted.mayContinue) {
            at = begin;
            return true;
        }
        assertThat(status).as("answer %d: %s", complete, head).isEqualTo(wanted.status);
        if (wanted.isHead) {
            return ended(head, begin);
        }
        int length = head.indexOf("\r\ncontent-length: ");
        if (length >= 0) {
            int digits = length + "\r\ncontent-length: ".length();
            assertThat(Integer.parseInt(head.substring(digits, head.indexOf('\r', digits))))
                    .as("length of %s", head)
                    .isEqualTo(wanted.body.length);
            compare(wanted, 0, begin, Math.min(wanted.body.length, text.length() - begin));
            return text.length() - begin >= wanted.body.length && ended(head, begin + wanted.body.length);
        }
        assertThat(head).contains("\r\ntransfer-encoding: chunked\r\n");
        return readChunks(wanted, head, begin);
    }

    private boolean readChunks(Expected wanted, String head, int begin) {
        int chunk = begin;
        int offset = 0;
        while (true) {
            int line = text.indexOf("\r\n", chunk);
            if (line < 0) {
                return false;
            }
            int count = Integer.parseInt(text.substring(chunk, line), 16);
            int data = line + 2;
            compare(wanted, offset, data, Math.min(count, text.length() - data));
            if (text.length() < data + count + 2) {
                return false;
            }
            assertThat(text.substring(data + count, data + count + 2)).isEqualTo("\r\n");
            offset += count;
            chunk = data + count + 2;
            if (count == 0) {
                assertThat(offset).as("length of the chunks").isEqualTo(wanted.body.length);
                return ended(head, chunk);
            }
        }
    }

    private void compare(Expected wanted, int offset, int from, int count) {
        byte[] got = text.substring(from, from + count).getBytes(StandardCharsets.ISO_8859_1);
        assertThat(offset + count).as("length of answer %d", complete).isLessThanOrEqualTo(wanted.body.length);
        assertThat(Arrays.mismatch(got, 0, count, wanted.body, offset, offset + count))
                .as("first difference of answer %d behind %d", complete, offset)
                .isEqualTo(-1);
    }

    private boolean ended(String head, int end) {
        complete++;
        closed = head.contains("\r\nconnection: close\r\n");
        at = end;
        return true;
    }

    @Override
    public String toString() {
        return text.substring(at);
    }
}
