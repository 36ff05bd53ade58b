package io.millio.http;

import org.jspecify.annotations.Nullable;

/** Renders the body of answers with a status from 400 to 599 that have none of their own. */
@FunctionalInterface
public interface ErrorRenderer {
    /**
     * Returns the body. Called on the thread that sends the answer, which may be the loop's: it must not block. What it
     * throws is reported, and the default, a line of text, is sent.
     *
     * @param response to set fields, such as the Content-Type, which is {@code text/plain} otherwise; must not be sent
     *     here
     * @param failure why; null where {@link HttpResponse#error} was called
     */
    byte[] render(HttpRequest request, HttpResponse response, int status, @Nullable Throwable failure) throws Exception;
}
