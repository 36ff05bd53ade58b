package io.millio.examples.jsonrpc;

import io.millio.http.HttpException;
import io.millio.http.HttpHandler;
import io.millio.http.HttpRequest;
import io.millio.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A service by HTTP POST: a message is a body, its answer another, with status 200 also for errors, or 204 if there is none. The
 * body must say that it is {@code application/json}: so no page of somebody else's can have a browser post one unasked. Any thread.
 */
public final class RpcHttp implements HttpHandler {
    private final Dispatchers dispatchers;

    /** A handler for one path of a server. */
    public RpcHttp(JsonRpc service) {
        this.dispatchers = new Dispatchers(service);
    }

    @Override
    public void handle(HttpRequest request, HttpResponse response) throws HttpException {
        String type = request.header("Content-Type");
        if (type == null
                || !type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/json")) {
            throw new HttpException(415, "the body must be application/json");
        }
        Exchange exchange = new Exchange(response);
        response.onClosed(exchange::closed);
        Dispatcher dispatcher = dispatchers.of(request.connection().loop());
        CompletableFuture<?> unused = request.readBody(dispatchers.service.maxMessageBytes)
                .whenComplete((body, failure) -> {
                    if (failure != null) {
                        response.fail(failure);
                    } else {
                        exchange.begun = dispatcher.accept(ByteBuffer.wrap(body), exchange);
                    }
                });
    }

    /** One request and its answer. */
    private static final class Exchange implements Answers {
        private final HttpResponse response;
        private @Nullable Pending begun;

        Exchange(HttpResponse response) {
            this.response = response;
        }

        @Override
        public void answer(ByteBuffer answer, @Nullable Pending of) {
            if (answer.hasRemaining()) {
                response.contentType("application/json").send(answer);
            } else {
                response.status(204).send();
            }
        }

        void closed() {
            if (begun != null) {
                begun.cancel();
            }
        }
    }
}
