package io.millio.http;

/** What a connection waits for from its peer; each has a timeout. */
enum Waiting {
    /** It is the handler's turn. */
    NOTHING,
    /** The next request. */
    NEXT,
    /** The rest of a head. */
    HEAD,
    /** The next bytes of a body. */
    BODY,
    /** The peer's end, after an answer that ends the connection. */
    END
}
