package io.millio.http.wire;

/** How the body of a request is delimited (RFC 9112, 6.3). */
public enum Framing {
    NONE,
    LENGTH,
    CHUNKED
}
