package io.millio.bench.http.gate;

import java.nio.charset.StandardCharsets;

/** Text as the bytes of a message. */
final class Bytes {
    private Bytes() {}

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
