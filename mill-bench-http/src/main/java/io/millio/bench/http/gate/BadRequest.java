package io.millio.bench.http.gate;

import static io.millio.bench.http.gate.Bytes.ascii;

import java.util.List;

/**
 * A request that another server on its way may understand differently, so that it must be refused. RFC 9112 demands
 * that of most; it also allows to ignore a Content-Length beside chunks, if the connection then closes (6.1), and to
 * replace an obs-fold (5.2) or a bare CR (2.2) by a space.
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record BadRequest(String name, byte[] bytes) {
    private static final String HOST = "Host: localhost\r\n";
    private static final String GET = "GET /plain HTTP/1.1\r\n" + HOST;
    private static final String POST = "POST /echo HTTP/1.1\r\n" + HOST;

    static List<BadRequest> all() {
        return List.of(
                of("two Content-Lengths", POST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
                of(
                        "Content-Length and chunked",
                        POST + "Content-Length: 15\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
                of("bad chunk size", POST + "Transfer-Encoding: chunked\r\n\r\n5x\r\nhello\r\n0\r\n\r\n"),
                of("bare CR", GET + "X-A: a\rb\r\n\r\n"),
                of("space before the colon", GET + "X-A : a\r\n\r\n"),
                of("obs-fold", GET + "X-A: a\r\n b\r\n\r\n"),
                of("no Host", "GET /plain HTTP/1.1\r\nX-A: a\r\n\r\n"),
                of("two Hosts", GET + "Host: example.org\r\n\r\n"),
                of("NUL", GET + "X-A: a\0b\r\n\r\n"),
                of("bad version", "GET /plain HTTP/x.1\r\n" + HOST + "\r\n"));
    }

    private static BadRequest of(String name, String bytes) {
        return new BadRequest(name, ascii(bytes));
    }
}
