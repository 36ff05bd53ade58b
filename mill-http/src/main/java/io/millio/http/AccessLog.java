package io.millio.http;

/** Called for each request when its answer has ended. In the loop: it must not block. */
@FunctionalInterface
public interface AccessLog {
    /**
     * An answer has ended, or its connection has.
     *
     * @param request what was parsed of it, if the server has refused it
     * @param status the answer's; 0 if the connection ended before there was one
     * @param bodyBytes how many bytes of body were written
     * @param nanos from the end of the request's head to the end of the answer
     */
    void log(HttpRequest request, int status, long bodyBytes, long nanos);
}
