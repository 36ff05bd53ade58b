package io.millio.bench.http.gate;

import static io.millio.bench.http.gate.Bytes.ascii;

import io.millio.bench.http.server.Routes;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes that a server must understand, however they arrive: one request, or two in a row.
 *
 * @param bodies of the answers, which all have the status 200, in their order
 * @param closes whether the server closes the connection after the last answer
 * @param divided whether it is also sent in parts
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record ValidRequest(String name, byte[] bytes, List<byte[]> bodies, boolean closes, boolean divided) {
    private static final String HOST = "Host: localhost\r\n";
    private static final String GET = "GET /plain HTTP/1.1\r\n" + HOST;
    private static final String POST = "POST /echo HTTP/1.1\r\n" + HOST;
    private static final String PLAIN = "Hello, World!";
    private static final String OBJECT = "{\"message\":\"Hello, World!\"}";

    static List<ValidRequest> all() {
        return List.of(
                open("GET", GET + "\r\n", PLAIN),
                open("many fields", GET + fields() + "\r\n", PLAIN),
                open("query", "GET /json?a=1&b=%2F HTTP/1.1\r\n" + HOST + "\r\n", OBJECT),
                open("body with length", POST + "content-length:5\r\n\r\nhello", "hello"),
                open("empty body", POST + "Content-Length: 0\r\n\r\n", ""),
                open(
                        "chunked body",
                        POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00A\r\n, everyone\r\n0\r\n\r\n",
                        "hello, everyone"),
                open(
                        "chunk extension and trailer",
                        POST + "Transfer-Encoding: chunked\r\n\r\nc;part=1\r\nwith\r\nbreaks\r\n0\r\nSum: 1\r\n\r\n",
                        "with\r\nbreaks"),
                open("two pipelined", GET + "\r\nGET /json HTTP/1.1\r\n" + HOST + "\r\n", PLAIN, OBJECT),
                open(
                        "body, then pipelined GET",
                        POST + "Content-Length: 5\r\n\r\nhello" + GET + "\r\n",
                        "hello",
                        PLAIN),
                open("100-continue", POST + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", "hello"),
                closing("Connection: close", GET + "Connection: close\r\n\r\n"),
                closing("HTTP/1.0", "GET /plain HTTP/1.0\r\n\r\n"),
                whole(
                        "large answer",
                        ascii("GET /large HTTP/1.1\r\n" + HOST + "\r\n"),
                        Routes.get(Routes.LARGE).body()),
                whole("large body", upload(), ascii(Integer.toString(Routes.LARGE_BYTES))));
    }

    private static ValidRequest open(String name, String bytes, String... bodies) {
        List<byte[]> expected = Arrays.stream(bodies).map(Bytes::ascii).toList();
        return new ValidRequest(name, ascii(bytes), expected, false, true);
    }

    private static ValidRequest closing(String name, String bytes) {
        return new ValidRequest(name, ascii(bytes), List.of(ascii(PLAIN)), true, true);
    }

    private static ValidRequest whole(String name, byte[] bytes, byte[] body) {
        return new ValidRequest(name, bytes, List.of(body), false, false);
    }

    /** Names in any case, values with white space around them and without any, a name twice. */
    @SuppressWarnings("StringConcatToTextBlock") // lines of HTTP end with CR LF
    private static String fields() {
        return "ACCEPT: text/html, */*;q=0.5\r\nx-empty:\r\nX-Tabs:\t a\tb \t\r\nX-Twice: 1\r\nX-Twice: 2\r\n"
                + "Cookie: a=b; c=d\r\nX_!#$%&'*+.^`|~9: \"quoted, text\"\r\n";
    }

    private static byte[] upload() {
        byte[] head = ascii("POST /upload HTTP/1.1\r\n" + HOST + "Content-Length: " + Routes.LARGE_BYTES + "\r\n\r\n");
        byte[] request = Arrays.copyOf(head, head.length + Routes.LARGE_BYTES);
        Arrays.fill(request, head.length, request.length, (byte) 'u');
        return request;
    }
}
