package io.millio.http;

/**
 * Called once for each request when its answer has been sent, or cannot be sent any more. In the loop: it must not
 * block.
 */
@FunctionalInterface
public interface AccessLog {
    /**
     * Called when the system has taken the last byte of an answer, or when the connection has ended before that. So a
     * request is logged later than its handler has answered it, for as long as the client does not read; in the order
     * of requests.
     *
     * @param request what was parsed of it, if the server has refused it
     * @param status the answer's; 0 if the connection ended before there was one
     * @param bodyBytes how many bytes of body were written to the connection; those of a file count when all of them
     *     have been sent
     * @param complete whether the whole answer was sent: every byte up to its end has been passed to the system. False
     *     if the client left, did not read in time, the answer was cut off by a failure or a timeout, or there was no
     *     memory to find out. Whether the client has received what was sent is not known, and with TLS the last few
     *     records may still wait in this process
     * @param nanos from the end of the request's head to this call
     */
    void log(HttpRequest request, int status, long bodyBytes, boolean complete, long nanos);
}
