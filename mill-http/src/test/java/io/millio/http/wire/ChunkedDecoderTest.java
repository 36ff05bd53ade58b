package io.millio.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkedDecoderTest {
    private static final HeadLimits LIMITS = new HeadLimits(200, 3, 100);

    /** The data, and how it ended; the bytes come in pieces of a size, what is unread in front of the next. */
    private static String decoded(String bytes, int piece) {
        ChunkedDecoder decoder = new ChunkedDecoder(LIMITS);
        StringBuilder data = new StringBuilder();
        String unread = "";
        for (int from = 0; from < bytes.length(); from += piece) {
            String presented = unread + bytes.substring(from, Math.min(bytes.length(), from + piece));
            ByteBuffer in = ByteBuffer.wrap(presented.getBytes(StandardCharsets.ISO_8859_1));
            ChunkedDecoder.Result result;
            while ((result = decoder.next(in)) == ChunkedDecoder.Result.DATA) {
                int available = decoder.available(in);
                assertThat(available).isPositive();
                data.append(presented, in.position(), in.position() + available);
                in.position(in.position() + available);
                decoder.consumed(available);
            }
            if (result == ChunkedDecoder.Result.REFUSED) {
                return data + " " + decoder.status;
            }
            if (result == ChunkedDecoder.Result.END) {
                int consumed = from - unread.length() + in.position();
                return data + " " + decoder.trailer() + " left " + bytes.substring(consumed);
            }
            unread = presented.substring(in.position());
        }
        return data + " more";
    }

    private static void isTheSameInAnyPieces(String bytes) {
        String expected = decoded(bytes, bytes.length());
        for (int piece = 1; piece < bytes.length(); piece++) {
            assertThat(decoded(bytes, piece)).as("%s by %d", bytes, piece).isEqualTo(expected);
        }
    }

    @Test
    void takesTheFramingOff() {
        String bytes = "4\r\nWiki\r\n00B;x=\"y\"\r\npedia in \r\n\r\n0\r\nA: b \r\nC:\r\n\r\nnext";
        assertThat(decoded(bytes, bytes.length())).isEqualTo("Wikipedia in \r\n [A=b, C=] left next");
        isTheSameInAnyPieces(bytes);
        isTheSameInAnyPieces("0\r\n\r\n");
        assertThat(decoded("3\r\nab", 5)).isEqualTo("ab more");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                "+4\r\nWiki\r\n0\r\n\r\n",
                "-4\r\nWiki\r\n0\r\n\r\n",
                "0x4\r\nWiki\r\n0\r\n\r\n",
                " 4\r\nWiki\r\n0\r\n\r\n",
                "4\nWiki\r\n0\r\n\r\n",
                "4\r\nWikix\r\n0\r\n\r\n",
                "4\r\nWiki\n0\r\n\r\n",
                "4 x\r\nWiki\r\n0\r\n\r\n",
                "4;\u0001\r\nWiki\r\n0\r\n\r\n",
                "4 \r\nWiki\r\n0\r\n\r\n",
                "4\t\r\nWiki\r\n0\r\n\r\n",
                "4\r\nWiki\r\n0 \r\n\r\n",
                "4;\r\nWiki\r\n0\r\n\r\n",
                "4;a;\r\nWiki\r\n0\r\n\r\n",
                "4;a \r\nWiki\r\n0\r\n\r\n",
                "4;=x\r\nWiki\r\n0\r\n\r\n",
                "4;a=\r\nWiki\r\n0\r\n\r\n",
                "4;a=b c\r\nWiki\r\n0\r\n\r\n",
                "4;[x\r\nWiki\r\n0\r\n\r\n",
                "4;a=\"b\r\nWiki\r\n0\r\n\r\n",
                "4;a=\"b\\\"\r\nWiki\r\n0\r\n\r\n",
                "4;a=\"b\\\r\nWiki\r\n0\r\n\r\n",
                "4;a=\"b\"c\r\nWiki\r\n0\r\n\r\n",
                "4;a=\"b\u0001\"\r\nWiki\r\n0\r\n\r\n",
                "4;\u00e9\r\nWiki\r\n0\r\n\r\n",
                "4;a=\u00e9\r\nWiki\r\n0\r\n\r\n",
                "1234567890123456\r\nWiki",
                "0\r\nA : b\r\n\r\n",
                "0\r\n: b\r\n\r\n",
                "0\r\n b\r\n\r\n",
                "0\r\nA: \u0000\r\n\r\n",
                "0\r\nA: b\n\r\n"
            })
    void whatIsMalformedIsRefused(String bytes) {
        assertThat(decoded(bytes, bytes.length())).endsWith(" 400");
        isTheSameInAnyPieces(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ";a",
                " ;a",
                "\t; a \t;b",
                ";a=b;c=d",
                "; a = b ; c",
                ";a=\"\"",
                ";a=\"; x=\\\"y\\\\ \u00e9\";b=\"c\"",
                ";!#$%&'*+-.^_`|~=1"
            })
    void wellFormedExtensionsAreIgnored(String extensions) {
        String bytes = "4" + extensions + "\r\nWiki\r\n0" + extensions + "\r\n\r\n";
        assertThat(decoded(bytes, bytes.length())).isEqualTo("Wiki [] left ");
        isTheSameInAnyPieces(bytes);
    }

    @Test
    void fieldsThatCountOnlyInAHeadAreDroppedFromTheTrailer() {
        String bytes = "0\r\nContent-LENGTH: 7\r\nX-Sum: 1\r\nAuthorization: x\r\n\r\n";
        assertThat(decoded(bytes, bytes.length())).isEqualTo(" [X-Sum=1] left ");
        assertThat(decoded("0\r\n" + "Host: b\r\n".repeat(4) + "\r\n", 1_000)).endsWith(" 431");
    }

    @Test
    void longLinesAndTrailersAreRefused() {
        assertThat(decoded("4;" + "x".repeat(300) + "\r\nWiki\r\n0\r\n\r\n", 1_000))
                .endsWith(" 400");
        assertThat(decoded("4;" + "x".repeat(300), 7)).endsWith(" 400");
        assertThat(decoded("0\r\n" + "A: b\r\n".repeat(4) + "\r\n", 1_000)).endsWith(" 431");
        assertThat(decoded("0\r\nA: " + "x".repeat(200), 7)).endsWith(" 431");
    }

    @Test
    void theExtensionsOfAllChunksTogetherAreLimited() {
        String chunk = "1;" + "x".repeat(32) + "\r\na\r\n";
        assertThat(decoded(chunk.repeat(3) + "0\r\n\r\n", 1_000)).isEqualTo("aaa [] left ");
        String bytes = chunk.repeat(4) + "0\r\n\r\n";
        assertThat(decoded(bytes, 1_000)).isEqualTo("aaa 400");
        isTheSameInAnyPieces(bytes);
    }
}
