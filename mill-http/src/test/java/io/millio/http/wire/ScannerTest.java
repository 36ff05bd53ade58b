package io.millio.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScannerTest {
    private static final int LENGTH = 20;

    private interface Scan {
        int end(byte[] bytes, int from, int end);
    }

    /** Each byte at each place, with each byte behind the end: it is stopped at if it is not one of these, only. */
    private static void stopsAtAllBut(IntPredicate skipped, Scan scan) {
        for (int b = 0; b < 256; b++) {
            for (int at = 0; at <= LENGTH; at++) {
                byte[] bytes = new byte[LENGTH + Scanner.SLACK + 1];
                Arrays.fill(bytes, (byte) 'x');
                bytes[at] = (byte) b;
                for (int from = 0; from <= at; from++) {
                    int expected = at < LENGTH && !skipped.test(b) ? at : LENGTH;
                    assertThat(scan.end(bytes, from, LENGTH))
                            .as("%d at %d from %d", b, at, from)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void eachByteIsSkippedOrStoppedAtAsTheTableSays() {
        stopsAtAllBut(b -> Syntax.is(Syntax.TOKEN, (byte) b), Scanner.DEFAULT::tokenEnd);
        stopsAtAllBut(b -> Syntax.is(Syntax.VALUE, (byte) b), Scanner.DEFAULT::valueEnd);
        stopsAtAllBut(b -> Syntax.is(Syntax.TARGET, (byte) b), Scanner.DEFAULT::targetEnd);
    }

    /** What a word marks behind its first mark need not be exact: so all pairs are tried. */
    @Test
    void eachPairOfBytesIsSkippedOrStoppedAtAsTheTableSays() {
        byte[] bytes = new byte[LENGTH + Scanner.SLACK];
        Arrays.fill(bytes, (byte) 'x');
        for (int pair = 0; pair < 1 << 16; pair++) {
            bytes[1] = (byte) pair;
            bytes[2] = (byte) (pair >> 8);
            int at = !Syntax.is(Syntax.VALUE, bytes[1]) ? 1 : !Syntax.is(Syntax.VALUE, bytes[2]) ? 2 : LENGTH;
            assertThat(Scanner.DEFAULT.valueEnd(bytes, 0, LENGTH))
                    .as("%x", pair)
                    .isEqualTo(at);
        }
    }

    @Test
    void anEscapeIsSkippedIfAllOfItIsInFrontOfTheEnd() {
        byte[] bytes = "aaaaaa%4fa%zza%4fa".getBytes(StandardCharsets.US_ASCII);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + Scanner.SLACK);
        assertThat(Scanner.DEFAULT.targetEnd(longer, 0, 8)).isEqualTo(6);
        assertThat(Scanner.DEFAULT.targetEnd(longer, 0, 9)).isEqualTo(9);
        assertThat(Scanner.DEFAULT.targetEnd(longer, 0, bytes.length)).isEqualTo(10);
        assertThat(Scanner.DEFAULT.targetEnd(longer, 11, bytes.length)).isEqualTo(bytes.length);
    }

    private static boolean isControl(String name) {
        RequestParser parser = new RequestParser(new HeadLimits(200, 8, 400));
        String head = "GET / HTTP/1.0\r\n" + name + ": ?\r\nConnection: keep-alive\r\n\r\n";
        boolean refused =
                parser.parse(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII))) == RequestParser.Result.REFUSED;
        assertThat(parser.reason).doesNotContain("name");
        return refused;
    }

    /** Compared by words, a name must be that name: in any case, and with no other byte that may be in a name. */
    @ParameterizedTest
    @ValueSource(strings = {"host", "content-length", "transfer-encoding"})
    void aNameThatCountsIsRecognizedInAnyCaseAndNoOther(String name) {
        for (int at = 0; at < name.length(); at++) {
            for (char c = 0; c < 128; c++) {
                String other = name.substring(0, at) + c + name.substring(at + 1);
                if (Syntax.is(Syntax.TOKEN, (byte) c)) {
                    assertThat(isControl(other)).as(other).isEqualTo(other.equalsIgnoreCase(name));
                }
            }
        }
    }

    @Test
    void theUsualValueOfConnectionIsRecognizedInAnyCaseAndNoOther() {
        String usual = "keep-alive";
        for (int at = 0; at < usual.length(); at++) {
            for (char c = 0; c < 256; c++) {
                if (Syntax.is(Syntax.VALUE, (byte) c)) {
                    String value = usual.substring(0, at) + c + usual.substring(at + 1);
                    String head = "GET / HTTP/1.0\r\nConnection: " + value + "\r\n\r\n";
                    RequestParser parser = new RequestParser(new HeadLimits(200, 8, 400));
                    assertThat(parser.parse(ByteBuffer.wrap(head.getBytes(StandardCharsets.ISO_8859_1))))
                            .isEqualTo(RequestParser.Result.DONE);
                    assertThat(parser.control.keepAlive).as(value).isEqualTo(value.equalsIgnoreCase(usual));
                }
            }
        }
    }
}
