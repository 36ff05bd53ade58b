package io.millio.http;

import java.util.concurrent.CompletionStage;

/** A handler that answers later, and says by a stage when it has: see {@link HttpHandler#async}. */
@FunctionalInterface
public interface AsyncHttpHandler {
    /**
     * Begins to answer a request, as {@link HttpHandler#handle} does.
     *
     * @return completed when the request has been answered, or failed, which is answered as by
     *     {@link HttpResponse#fail}
     */
    CompletionStage<?> handle(HttpRequest request, HttpResponse response) throws Exception;
}
