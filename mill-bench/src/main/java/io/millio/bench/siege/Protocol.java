package io.millio.bench.siege;

import java.nio.charset.StandardCharsets;

/** What a victim speaks: the request of a well-behaved client, and how the answer to it ends. */
enum Protocol {
    /** Lines: {@code ECHO text}, {@code BIG bytes}, {@code SUBSCRIBE}; see {@link LineCommands}. */
    LINE("ECHO ping\n", "ping\n"),
    /** HTTP/1.1: {@code GET /}, {@code GET /big}, {@code POST /}; see {@link HttpRoutes}. */
    HTTP("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", HttpRoutes.HELLO),
    /** The same over TLS. */
    TLS("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", HttpRoutes.HELLO);

    private final String request;
    private final String answerEnd;

    Protocol(String request, String answerEnd) {
        this.request = request;
        this.answerEnd = answerEnd;
    }

    byte[] request() {
        return request.getBytes(StandardCharsets.US_ASCII);
    }

    byte[] answerEnd() {
        return answerEnd.getBytes(StandardCharsets.US_ASCII);
    }
}
