package io.millio.http;

/** What a connection is doing; the transitions are drawn at {@link HttpConnection}. */
enum Phase {
    /** Reading the head of a request, or idle. */
    HEAD,
    /** Reading a body, perhaps while the answer is being written. */
    BODY,
    /** Waiting for the answer. */
    ANSWER,
    /** Waiting for the end of the connection. */
    END,
    /** Another protocol has taken the connection over. */
    UPGRADED
}
