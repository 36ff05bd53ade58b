package io.millio.http;

/** What a connection waits for; each has a timeout. */
enum Waiting {
    /** Nothing that has a timeout. */
    NOTHING,
    /** The next request. */
    NEXT,
    /** The rest of a head. */
    HEAD,
    /** The next bytes of a body. */
    BODY,
    /** The beginning of the handler's answer. */
    ANSWER
}
