package io.millio.http;

import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * Answers requests. One object serves all of a server; it is called in the turn of the connection's loop and must not
 * block.
 */
@FunctionalInterface
public interface HttpHandler {
    /**
     * A head has come. Answer now, or later from any thread: the connection's next request waits until this one is
     * answered. One that throws before it has begun an answer is answered with 500, or with the status of the
     * {@link HttpException}.
     *
     * @param request readable until it is answered
     * @param response to be ended, by {@link HttpResponse#send}, {@link HttpResponse#end} or {@link HttpResponse#fail}
     */
    void handle(HttpRequest request, HttpResponse response) throws Exception;

    /**
     * A handler that runs another one elsewhere, where it may block: on workers, or each time on a virtual thread. What
     * the executor rejects is answered with 503.
     */
    static HttpHandler on(Executor executor, HttpHandler handler) {
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(handler, "handler");
        return (request, response) -> {
            request.keep();
            executor.execute(() -> {
                try {
                    handler.handle(request, response);
                } catch (Throwable t) {
                    response.fail(t);
                }
            });
        };
    }
}
