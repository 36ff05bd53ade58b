package io.millio.http;

import io.millio.internal.Arguments;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Answers requests. One object serves all of a server; it is called in the turn of the connection's loop and must not
 * block.
 */
@FunctionalInterface
public interface HttpHandler {
    /**
     * Called when a head has been read. Answer now, or after {@link HttpResponse#later} from any thread: the
     * connection's next request waits until this one is answered. If this throws before it has begun an answer, that is
     * 500, or the status of the {@link HttpException}.
     *
     * @param response to be ended, by {@link HttpResponse#send}, {@link HttpResponse#end} or {@link HttpResponse#fail}
     */
    void handle(HttpRequest request, HttpResponse response) throws Exception;

    /**
     * Returns a handler that runs another one elsewhere, where it may block: on workers, or each time on a virtual
     * thread. What the executor rejects is answered with 503.
     */
    static HttpHandler on(Executor executor, HttpHandler handler) {
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(handler, "handler");
        return (request, response) -> {
            response.answer.handledElsewhere();
            executor.execute(() -> {
                try {
                    handler.handle(request, response);
                } catch (Throwable t) {
                    response.fail(t);
                }
                response.answer.returnedElsewhere();
            });
        };
    }

    /**
     * Returns a handler that refuses bodies of more bytes, with 413, and calls another one for the rest: at once where
     * the length is announced, without {@code 100 Continue}; else when so much of the body has been read. For a route
     * whose bodies are smaller than {@link HttpOptions#withMaxBodyBytes}, which holds for all: set that to the largest
     * of all routes. Of handlers within each other the lowest limit counts.
     *
     * @param maxBytes at least 0
     */
    static HttpHandler withMaxBodyBytes(long maxBytes, HttpHandler handler) {
        Arguments.atLeast(0, maxBytes, "maxBytes");
        Objects.requireNonNull(handler, "handler");
        return (request, response) -> {
            request.limitBody(maxBytes);
            handler.handle(request, response);
        };
    }

    /**
     * Returns a handler that calls another one, whose answer must begin in this time, in place of
     * {@link HttpOptions#withResponseTimeout}. Of handlers within each other the innermost counts.
     *
     * @param timeout zero: none
     */
    static HttpHandler withResponseTimeout(Duration timeout, HttpHandler handler) {
        long nanos = Arguments.nanos(timeout, "timeout");
        Objects.requireNonNull(handler, "handler");
        return (request, response) -> {
            request.owner().limitResponse(request, nanos);
            handler.handle(request, response);
        };
    }

    /**
     * Returns a handler that answers later, and says so by a stage. If that fails, {@link HttpResponse#fail} is called
     * with the cause; if it completes, and the request has not been answered, it fails, too.
     */
    static HttpHandler async(AsyncHttpHandler handler) {
        Objects.requireNonNull(handler, "handler");
        return (request, response) -> {
            response.later();
            CompletionStage<?> unused = Objects.requireNonNull(handler.handle(request, response), "stage")
                    .whenComplete((value, failure) -> {
                        if (failure != null) {
                            response.fail(failure);
                        } else {
                            response.answer.stageCompleted();
                        }
                    });
        };
    }
}
