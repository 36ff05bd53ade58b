package io.millio.http;

/** Is told of each request when its answer has ended. Called in the loop: it must not block. */
@FunctionalInterface
public interface AccessLog {
    /**
     * An answer has ended, or its connection has.
     *
     * @param request readable until this returns; method and target are empty if the head was refused
     * @param status the answer's; 0 if the connection ended before there was one
     * @param bodyBytes how many bytes of body were written
     * @param nanos from the end of the request's head to the end of the answer
     */
    void log(HttpRequest request, int status, long bodyBytes, long nanos);
}
