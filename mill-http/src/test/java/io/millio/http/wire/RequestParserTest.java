package io.millio.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestParserTest {
    private static final HeadLimits LIMITS = new HeadLimits(200, 8, 400);
    private static final String PLAIN = "GET /a?b=c HTTP/1.1\r\nHost: x:80\r\nAccept: */* \r\n\r\n";

    /** Returns the outcome of a parse as text, so that two can be compared. */
    private static String outcome(RequestParser parser, RequestParser.Result result, String bytes) {
        return switch (result) {
            case MORE -> "more";
            case REFUSED -> parser.status + " " + parser.reason;
            case DONE -> {
                StringBuilder text = new StringBuilder();
                text.append(bytes, 0, parser.methodLength)
                        .append(' ')
                        .append(bytes, parser.targetStart, parser.targetStart + parser.targetLength)
                        .append(" 1.")
                        .append(parser.minorVersion);
                for (int i = 0; i < parser.fields.count(); i++) {
                    int name = parser.fields.nameStart(i);
                    int value = parser.fields.valueStart(i);
                    text.append(" [")
                            .append(bytes, name, name + parser.fields.nameLength(i))
                            .append('=')
                            .append(bytes, value, value + parser.fields.valueLength(i))
                            .append(']');
                }
                yield text.append(' ')
                        .append(parser.control.framing)
                        .append(' ')
                        .append(parser.control.contentLength)
                        .append(parser.control.close ? " close" : "")
                        .append(parser.control.keepAlive ? " keep-alive" : "")
                        .append(parser.control.expectsContinue ? " continue" : "")
                        .append(" ends at ")
                        .append(parser.length())
                        .toString();
            }
        };
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String whole(String bytes) {
        return inPieces(bytes, bytes.length());
    }

    /**
     * Presented first up to these positions, one after the other, then whole; with something in front that is not
     * looked at.
     */
    private static String inPieces(String bytes, int... ends) {
        RequestParser parser = new RequestParser(LIMITS);
        List<Integer> all = new ArrayList<>();
        for (int end : ends) {
            all.add(end);
        }
        all.add(bytes.length());
        String before = "#";
        for (int end : all) {
            before = before.equals("#") ? "##" : "#"; // the buffer need not be the same one
            ByteBuffer in = buffer(before + bytes.substring(0, end)).position(before.length());
            RequestParser.Result result = parser.parse(in);
            assertThat(in.position()).isEqualTo(before.length());
            if (result != RequestParser.Result.MORE) {
                return outcome(parser, result, bytes);
            }
        }
        return "more";
    }

    private static String byteByByte(String bytes) {
        int[] ends = new int[bytes.length()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = i;
        }
        return inPieces(bytes, ends);
    }

    private static void isTheSameInAnyPieces(String bytes) {
        String expected = whole(bytes);
        for (int split = 0; split <= bytes.length(); split++) {
            assertThat(inPieces(bytes, split))
                    .as("%s, split at %d", bytes, split)
                    .isEqualTo(expected);
        }
        assertThat(byteByByte(bytes)).as("%s, byte by byte", bytes).isEqualTo(expected);
    }

    @Test
    void tellsWhatAHeadSays() {
        assertThat(whole(PLAIN)).isEqualTo("GET /a?b=c 1.1 [Host=x:80] [Accept=*/*] NONE 0 ends at 49");
        assertThat(whole("OPTIONS * HTTP/1.0\r\ncontent-length:\t0012 \t\r\nConnection: a, Keep-Alive ,b\r\n\r\nabc"))
                .isEqualTo(
                        "OPTIONS * 1.0 [content-length=0012] [Connection=a, Keep-Alive ,b] LENGTH 12 keep-alive ends at 76");
        assertThat(whole(
                        "PUT / HTTP/1.1~HOST: [::1]~Transfer-Encoding: Chunked~Expect: 100-Continue~Connection: close~X:~~"
                                .replace("~", "\r\n")))
                .isEqualTo("PUT / 1.1 [HOST=[::1]] [Transfer-Encoding=Chunked] [Expect=100-Continue]"
                        + " [Connection=close] [X=] CHUNKED 0 close continue ends at 104");
        String escaped = "GET /%20%2F?%aB HTTP/1.1\r\nHost: a\r\n\r\n";
        assertThat(whole(escaped)).startsWith("GET /%20%2F?%aB 1.1 ");
        isTheSameInAnyPieces(escaped);
        assertThat(whole("GET / HTTP/1.7\r\nHost: a\r\n\r\n")).startsWith("GET / 1.1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CHUNKED|1|Transfer-Encoding: chunked,",
                "CHUNKED|1|Transfer-Encoding: , chunked",
                "CHUNKED|1|Transfer-Encoding: ,\t, CHUNKED ,,",
                "continue|1|Expect: 100-continue, 100-Continue",
                "continue|1|Expect: ,100-continue",
                "NONE 0 keep-alive ends|0|Connection: keep-alive~Expect: 100-continue",
                "NONE 0 keep-alive ends|0|Connection: keep-alive~Expect: cake"
            })
    void listsMayHaveEmptyElementsAndExpectationsNeedHttp11(String result, int minor, String fields) {
        String bytes = ("POST / HTTP/1." + minor + "~Host: a~" + fields + "~~").replace("~", "\r\n");
        assertThat(whole(bytes)).startsWith("POST ").contains(" " + result);
        isTheSameInAnyPieces(bytes);
    }

    @Test
    void theHostOfAnAbsoluteTargetReplacesTheField() {
        String bytes = "GET http://b:81/x HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n";
        assertThat(whole(bytes)).isEqualTo("GET http://b:81/x 1.1 [X=y] [Host=b:81] NONE 0 ends at 45");
        isTheSameInAnyPieces(bytes);
        assertThat(whole("GET HTTPS://[::1] HTTP/1.0\r\n\r\n")).startsWith("GET HTTPS://[::1] 1.0 NONE");
    }

    /** What was scanned before is replaced by bytes that would be refused: so each is looked at once. */
    private static int scannedAgain(String head, int longFrom, int longTo) {
        RequestParser parser = new RequestParser(new HeadLimits(10_000, 8, 10_000));
        int again = 0;
        for (int end = longFrom + 1; end <= longTo; end++) {
            byte[] bytes = head.substring(0, end).getBytes(StandardCharsets.ISO_8859_1);
            Arrays.fill(bytes, longFrom, end - 1, (byte) 0);
            again += parser.parse(ByteBuffer.wrap(bytes)) == RequestParser.Result.MORE ? 0 : 1;
        }
        assertThat(parser.parse(buffer(head))).isEqualTo(RequestParser.Result.DONE);
        return again;
    }

    @Test
    void noByteOfALongLineIsScannedTwice() {
        String filler = "a".repeat(5_000);
        String start = "GET /";
        String fields = start + filler + " HTTP/1.1\r\nHost: a\r\n";
        String value = fields + "X: ";
        String blanks = fields + "X:";
        assertThat(scannedAgain(fields + "\r\n", start.length(), start.length() + 5_000))
                .as("pieces with which the target was scanned again")
                .isZero();
        assertThat(scannedAgain(fields + filler + ": b\r\n\r\n", fields.length(), fields.length() + 4_900))
                .as("a name")
                .isZero();
        assertThat(scannedAgain(value + filler.substring(100) + "\r\n\r\n", value.length(), value.length() + 4_900))
                .as("a value")
                .isZero();
        assertThat(scannedAgain(blanks + " ".repeat(4_900) + "b\r\n\r\n", blanks.length(), blanks.length() + 4_900))
                .as("blanks in front of a value")
                .isZero();
    }

    @Test
    void theNextRequestIsParsedAfterAReset() {
        RequestParser parser = new RequestParser(LIMITS);
        ByteBuffer in = buffer(PLAIN + PLAIN);
        for (int i = 0; i < 2; i++) {
            assertThat(parser.parse(in)).isEqualTo(RequestParser.Result.DONE);
            in.position(in.position() + parser.length());
            parser.reset();
        }
        assertThat(in.hasRemaining()).isFalse();
        assertThat(parser.parse(in)).isEqualTo(RequestParser.Result.MORE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "400|GET / HTTP/1.1~~Content-Length: 3~Content-Length: 3~~",
                "400|GET / HTTP/1.1~Host: a~Content-Length: 3~Content-Length: 3~~",
                "400|GET / HTTP/1.1~Host: a~Content-Length: 3~Content-Length: 4~~",
                "400|GET / HTTP/1.1~Host: a~Content-Length: 3, 3~~",
                "400|GET / HTTP/1.1~Host: a~Content-Length: +5~~",
                "400|GET / HTTP/1.1~Host: a~Content-Length: -5~~",
                "400|GET / HTTP/1.1~Host: a~Content-Length: 5 5~~",
                "400|GET / HTTP/1.1~Host: a~Content-Length: 0x5~~",
                "400|GET / HTTP/1.1~Host: a~Content-Length:~~",
                "400|GET / HTTP/1.1~Host: a~Content-Length: 1234567890123456789~~",
                "400|GET / HTTP/1.1~Host: a~Content-Length: 3~Transfer-Encoding: chunked~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked~Content-Length: 3~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked~Transfer-Encoding: chunked~~",
                "501|GET / HTTP/1.1~Host: a~Transfer-Encoding: gzip, chunked~~",
                "501|GET / HTTP/1.1~Host: a~Transfer-Encoding: gzip, deflate , ,chunked~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding: xchunked~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked, gzip~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked, chunked~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked;x=y~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked chunked~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding: identity~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding:~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding: ,~~",
                "400|GET / HTTP/1.1~Host: a~Transfer-Encoding:~ chunked~~",
                "400|GET / HTTP/1.0~Host: a~Transfer-Encoding: chunked~~",
                "400|GET / HTTP/1.1~~",
                "400|GET / HTTP/1.1~Host: a~Host: a~~",
                "400|GET / HTTP/1.1~Host:~~",
                "400|GET / HTTP/1.1~Host: a b~~",
                "400|GET / HTTP/1.1~Host: a/b~~",
                "400|GET / HTTP/1.1~Host: user@a~~",
                "400|GET / HTTP/1.1~Host: a:8x~~",
                "400|GET / HTTP/1.1~Host: a:123456~~",
                "400|GET / HTTP/1.1~Host: [::1~~",
                "400|GET / HTTP/1.1~Host: [::1]a~~",
                "400|GET / HTTP/1.1~Host : a~~",
                "400|GET / HTTP/1.1~ Host: a~~",
                "400|GET / HTTP/1.1~Host: a~X: b~ c~~",
                "400|GET / HTTP/1.1~Host: a~X: b~\tc~~",
                "400|GET / HTTP/1.1~Host: a~: b~~",
                "400|GET / HTTP/1.1~Host: a~X~~",
                "400|GET  / HTTP/1.1~Host: a~~",
                "400|GET /  HTTP/1.1~Host: a~~",
                "400|GET / HTTP/1.1 ~Host: a~~",
                "400|GET /a b HTTP/1.1~Host: a~~",
                "400|GET /#x HTTP/1.1~Host: a~~",
                "400|GET /% HTTP/1.1~Host: a~~",
                "400|GET /%a HTTP/1.1~Host: a~~",
                "400|GET /a?b=%a HTTP/1.1~Host: a~~",
                "400|GET /%zz HTTP/1.1~Host: a~~",
                "400|GET /%0x%20 HTTP/1.1~Host: a~~",
                "400|GET /é HTTP/1.1~Host: a~~",
                "400| GET / HTTP/1.1~Host: a~~",
                "400|G(T / HTTP/1.1~Host: a~~",
                "400|GET / http/1.1~Host: a~~",
                "400|GET / HTTP/1.~Host: a~~",
                "400|GET / HTTP/11~Host: a~~",
                "400|GET /~Host: a~~",
                "400|GET~~",
                "505|GET / HTTP/2.0~Host: a~~",
                "417|GET / HTTP/1.1~Host: a~Expect: cake~~",
                "417|GET / HTTP/1.1~Host: a~Expect: 100-continue, cake~~",
                "501|AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1~Host: a~~",
                "400|~GET / HTTP/1.1~Host: a~~",
                "501|CONNECT a:443 HTTP/1.1~Host: a:443~~",
                "501|CONNECT / HTTP/1.1~Host: a~~",
                "400|GET a/b/c HTTP/1.1~Host: a~~",
                "400|GET a:443 HTTP/1.1~Host: a~~",
                "400|GET ?q HTTP/1.1~Host: a~~",
                "400|GET * HTTP/1.1~Host: a~~",
                "400|OPTIONS ** HTTP/1.1~Host: a~~",
                "400|OPTIONS *?q HTTP/1.1~Host: a~~",
                "400|GET http HTTP/1.1~Host: a~~",
                "400|GET http: HTTP/1.1~Host: a~~",
                "400|GET http:/a HTTP/1.1~Host: a~~",
                "400|GET http:a HTTP/1.1~Host: a~~",
                "400|GET http:// HTTP/1.1~Host: a~~",
                "400|GET http:///a HTTP/1.1~Host: a~~",
                "400|GET http://?q HTTP/1.1~Host: a~~",
                "400|GET http://u@a/ HTTP/1.1~Host: a~~",
                "400|GET http://a:8x/ HTTP/1.1~Host: a~~",
                "400|GET ftp://a/ HTTP/1.1~Host: a~~",
                "400|GET ://a/ HTTP/1.1~Host: a~~",
                "400|GET http://b/ HTTP/1.1~~",
                "400|GET http://b/ HTTP/1.1~Host: b c~~"
            })
    void whatIsDangerousOrMalformedIsRefused(int status, String request) {
        String bytes = request.replace("~", "\r\n");
        assertThat(whole(bytes)).startsWith(status + " ");
        isTheSameInAnyPieces(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\nHost: a\r\n\r\n",
                "GET / HTTP/1.1\rHost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n\n",
                "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\u007fb\r\n\r\n",
                "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
                "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
            })
    void lineEndsAndControlsWhereTheyMayNotBeAreRefused(String bytes) {
        assertThat(whole(bytes)).startsWith("400 ");
        isTheSameInAnyPieces(bytes);
    }

    @Test
    void limitsHaveTheirOwnAnswers() {
        String longTarget = "GET /" + "a".repeat(300) + " HTTP/1.1\r\nHost: a\r\n\r\n";
        String longField = "GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(400) + "\r\n\r\n";
        String longName = "GET / HTTP/1.1\r\nHost: a\r\n" + "a".repeat(500) + ": b\r\n\r\n";
        String manyFields = "GET / HTTP/1.1\r\nHost: a\r\n" + "X: a\r\n".repeat(8) + "\r\n";
        assertThat(whole(longTarget)).startsWith("414 ");
        assertThat(whole(longField)).startsWith("431 ");
        assertThat(whole(longName)).startsWith("431 ");
        assertThat(whole(manyFields)).startsWith("431 ");
        for (String bytes : List.of(longTarget, longField, longName, manyFields)) {
            isTheSameInAnyPieces(bytes);
        }
        assertThat(whole(longTarget.substring(0, 250))).startsWith("414 ");
        assertThat(whole(longField.substring(0, 425))).startsWith("431 ");
        assertThat(whole("GET / HTTP/1.1\r\nHost: a\r\n" + "X: a\r\n".repeat(7) + "\r\n"))
                .startsWith("GET ");
    }

    @Test
    void mutatedRequestsAreTheSameInAnyPieces() {
        String[] seeds = {
            PLAIN,
            "POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n0123456789",
            "PUT / HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
            "GET http://a/b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        };
        String interesting = "\r\n \t:,;/*#%\0\u007f\u00ff0919aZ";
        SplittableRandom random = new SplittableRandom(11);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder bytes = new StringBuilder(seeds[random.nextInt(seeds.length)]);
            for (int changes = random.nextInt(3) + 1; changes > 0; changes--) {
                int at = random.nextInt(bytes.length());
                char c = interesting.charAt(random.nextInt(interesting.length()));
                switch (random.nextInt(4)) {
                    case 0 -> bytes.setCharAt(at, c);
                    case 1 -> bytes.insert(at, c);
                    case 2 -> bytes.deleteCharAt(at);
                    default -> bytes.insert(at, bytes.substring(at, Math.min(bytes.length(), at + random.nextInt(40))));
                }
            }
            String expected = whole(bytes.toString());
            refused += Character.isDigit(expected.charAt(0)) ? 1 : 0;
            assertThat(byteByByte(bytes.toString())).as("%s", bytes).isEqualTo(expected);
            int split = random.nextInt(bytes.length());
            assertThat(inPieces(bytes.toString(), split))
                    .as("%s at %d", bytes, split)
                    .isEqualTo(expected);
        }
        assertThat(refused).isBetween(5_000, 19_000);
    }
}
