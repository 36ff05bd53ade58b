package io.millio.bench.siege;

import java.nio.charset.StandardCharsets;

/**
 * The routes that all HTTP victims have: {@code GET /} answers {@link #HELLO}, {@code GET /big} answers
 * {@link #BIG_BYTES} bytes, {@code POST /} collects the body, of at most {@link #MAX_BODY_BYTES}, and answers
 * {@link #HELLO}.
 */
final class HttpRoutes {
    static final String HELLO = "hello";
    static final String BIG = "/big";
    static final int BIG_BYTES = 1_000_000;

    /** The default of Mill-IO; peers are set to the same. */
    static final int MAX_BODY_BYTES = 1 << 20;

    private HttpRoutes() {}

    static byte[] hello() {
        return HELLO.getBytes(StandardCharsets.US_ASCII);
    }
}
