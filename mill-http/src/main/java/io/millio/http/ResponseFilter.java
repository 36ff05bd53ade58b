package io.millio.http;

/** Called for every answer of a server just before its head is sent: also for prepared ones, errors and refusals. */
@FunctionalInterface
public interface ResponseFilter {
    /**
     * May read the status and change the fields of an answer. Called once an answer, on the thread that sends it, which
     * may be the loop's: it must not block. What it throws is reported, and the answer is sent as it is then.
     *
     * @param request what was parsed of it, if the server has refused it
     * @param response must not be sent, started or failed here
     */
    void apply(HttpRequest request, HttpResponse response) throws Exception;
}
