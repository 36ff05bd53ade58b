package io.millio.http;

/** Called when the server itself refuses a request: for its syntax, a limit or a timeout. */
@FunctionalInterface
public interface RefusalListener {
    /**
     * A request was refused. Called in the loop: it must not block. What it throws is reported.
     *
     * @param request what was parsed of it: method and target are empty where they were not understood
     * @param status that the client gets, unless an answer had begun
     * @param reason what was wrong, for a log
     */
    void onRefused(HttpRequest request, int status, String reason) throws Exception;
}
