package io.millio.http.wire;

/**
 * How much of a head is read before a request is refused.
 *
 * @param requestLine bytes of the request line, answered with 414
 * @param fields how many fields, answered with 431
 * @param fieldBytes bytes of all fields together, answered with 431; also for the fields of a trailer, and, answered
 *     with 400, for the extensions of all chunks of a body
 */
public record HeadLimits(int requestLine, int fields, int fieldBytes) {}
