package io.millio.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How often each byte of a head is scanned, and in how many steps. */
class ScanCountTest {
    private static final HeadLimits LIMITS = new HeadLimits(8 * 1024, 400, 32 * 1024);

    /** Counts what is skipped, byte by byte, and the scans. */
    private static final class Counting extends Scanner {
        final int[] times = new int[64 * 1024];
        int scans;

        private int count(int from, int to) {
            scans++;
            for (int at = from; at < to; at++) {
                times[at]++;
            }
            return to;
        }

        @Override
        int tokenEnd(byte[] bytes, int from, int end) {
            return count(from, super.tokenEnd(bytes, from, end));
        }

        @Override
        int valueEnd(byte[] bytes, int from, int end) {
            return count(from, super.valueEnd(bytes, from, end));
        }

        @Override
        int targetEnd(byte[] bytes, int from, int end) {
            return count(from, super.targetEnd(bytes, from, end));
        }

        int mostTimes() {
            return Arrays.stream(times).max().orElseThrow();
        }

        int total() {
            return IntStream.of(times).sum();
        }
    }

    private final Counting counting = new Counting();
    private final RequestParser parser = new RequestParser(LIMITS, counting);

    /** A head of 30 kB: a long target with a query and escapes, usual fields, a long name, long values with tabs. */
    private static byte[] head() {
        StringBuilder head = new StringBuilder("DELETE /");
        head.append("path/%2F".repeat(400)).append("?a=%20?").append("b".repeat(1_000));
        head.append(" HTTP/1.1\r\nHost: www.example.com:8080\r\nConnection: close, x\r\n");
        for (int i = 0; i < 150; i++) {
            head.append("X-Field_")
                    .append(i)
                    .append(":\t value \t of ")
                    .append(i)
                    .append('\r')
                    .append('\n');
        }
        head.append("n".repeat(3_000)).append(": v\r\n");
        head.append("Cookie: ")
                .append("c".repeat(9_000))
                .append("\t".repeat(9_000))
                .append("\r\n\r\n");
        return head.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Presents a head in pieces; the bytes of former pieces are gone, so none of them can be copied again. */
    private RequestParser.Result inPieces(byte[] head, int maxPiece) {
        SplittableRandom random = new SplittableRandom(5);
        int end = 0;
        while (true) {
            int next = Math.min(head.length, end + random.nextInt(maxPiece) + 1);
            byte[] presented = Arrays.copyOf(head, next);
            Arrays.fill(presented, 0, end, (byte) 0);
            RequestParser.Result result = parser.parse(ByteBuffer.wrap(presented));
            if (result != RequestParser.Result.MORE || next == head.length) {
                return result;
            }
            end = next;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 9, 100, 5_000, 100_000})
    void noByteIsCopiedOrScannedTwice(int maxPiece) {
        byte[] head = head();
        assertThat(head.length).isBetween(28_000, 33_000);
        assertThat(inPieces(head, maxPiece)).isEqualTo(RequestParser.Result.DONE);
        assertThat(parser.length()).isEqualTo(head.length);
        assertThat(parser.fields.count()).isEqualTo(154);
        assertThat(parser.copy(head.length)).isEqualTo(head);
        assertThat(counting.mostTimes()).isEqualTo(1);
    }

    @Test
    void aHeadInSinglesTakesABoundedNumberOfScansForEach() {
        byte[] head = head();
        assertThat(inPieces(head, 1)).isEqualTo(RequestParser.Result.DONE);
        assertThat(counting.total()).as("bytes").isLessThan(head.length);
        int ends = 3 * parser.fields.count() + 10; // a name, a value and the next name start in one piece
        assertThat(counting.scans).as("scans").isBetween(head.length / 2, head.length + ends);
    }

    /** The copy of a head ends near its end, so that a body or further requests are not copied for each of them. */
    @Test
    void littleIsCopiedOfWhatFollowsAHead() {
        byte[] first = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer in = ByteBuffer.wrap(Arrays.copyOf(first, 30_000));
        assertThat(parser.parse(in)).isEqualTo(RequestParser.Result.DONE);
        assertThat(parser.capacity()).isEqualTo(HeadBytes.FIRST_BYTES);
    }

    @Test
    void theMemoryOfALargeHeadIsNotKept() {
        assertThat(inPieces(head(), 1_000)).isEqualTo(RequestParser.Result.DONE);
        assertThat(parser.capacity()).isGreaterThan(28_000);
        parser.reset();
        assertThat(parser.capacity()).isEqualTo(HeadBytes.FIRST_BYTES);
    }
}
