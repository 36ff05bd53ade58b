package io.millio.examples.jsonrpc;

import io.millio.EventLoop;
import io.millio.http.HttpException;
import io.millio.http.HttpHandler;
import io.millio.http.HttpRequest;
import io.millio.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A service by HTTP POST: a message is a body, its answer another, with status 200 also for errors, or 204 if there is
 * none. The body must say that it is {@code application/json}: so no page of another site can make a browser post one
 * unasked. Any thread.
 */
public final class RpcHttp implements HttpHandler {
    private final Dispatchers dispatchers;
    private final int maxInFlight;
    private final Set<String> hosts;

    /**
     * Creates a handler for one path of a server.
     *
     * @param maxInFlight how many slow calls of a batch run at once, at least 1; the others wait
     * @param hosts the names, in lower case and without a port, that requests may be for: a page in a browser can make
     *     its own name lead to this server (DNS rebinding), but not send another one
     */
    public RpcHttp(JsonRpc service, int maxInFlight, Set<String> hosts) {
        if (maxInFlight < 1) {
            throw new IllegalArgumentException("maxInFlight: " + maxInFlight + ", must be at least 1");
        }
        this.dispatchers = new Dispatchers(service);
        this.maxInFlight = maxInFlight;
        this.hosts = Set.copyOf(hosts);
    }

    private boolean isAllowed(@Nullable String host) {
        if (host == null) {
            return false;
        }
        int colon = host.lastIndexOf(':');
        String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        return hosts.contains(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public void handle(HttpRequest request, HttpResponse response) throws HttpException {
        String host = request.header("Host");
        if (!isAllowed(host)) {
            throw new HttpException(421, "host: " + host + ", is not one of " + hosts);
        }
        String type = request.header("Content-Type");
        if (type == null
                || !type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/json")) {
            throw new HttpException(415, "the body must be application/json");
        }
        EventLoop loop = request.connection().loop();
        Lane lane = new Lane(dispatchers.offload(loop), maxInFlight, () -> {});
        Exchange exchange = new Exchange(response.later(), lane);
        response.onClosed(exchange::closed);
        Dispatcher dispatcher = dispatchers.of(loop);
        CompletableFuture<?> unused = request.readBody(dispatchers.service.maxMessageBytes)
                .whenComplete((body, failure) -> {
                    if (failure != null) {
                        response.fail(failure);
                    } else {
                        exchange.begun = dispatcher.accept(ByteBuffer.wrap(body), exchange, lane);
                    }
                });
    }

    /** One request and its answer. */
    private static final class Exchange implements Answers {
        private final HttpResponse response;
        private final Lane lane;
        private @Nullable Pending begun;

        Exchange(HttpResponse response, Lane lane) {
            this.response = response;
            this.lane = lane;
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
            lane.close();
            if (begun != null) {
                begun.cancel();
            }
        }
    }
}
