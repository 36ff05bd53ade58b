package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.limit.RateLimiter;
import io.millio.net.RefusalListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Limits of routes, and the settings of a server that are those of its connections. */
class RouteLimitTest extends HttpCase {
    private static final Duration SHORT = Duration.ofMillis(50);

    private static String chunked(String path, String chunks) {
        return "POST " + path + " HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n" + chunks;
    }

    private static void readAll(HttpRequest request, HttpResponse response) {
        CompletableFuture<?> unused = request.readBody(1000).thenAccept(body -> response.send(body.length + " bytes"));
    }

    @Test
    void aRouteRefusesBodiesThatAreTooLongForIt() throws Exception {
        AtomicInteger handled = new AtomicInteger();
        HttpHandler counting = (request, response) -> {
            handled.incrementAndGet();
            readAll(request, response);
        };
        HttpServer server = serve(Router.builder()
                .post("/small", HttpHandler.withMaxBodyBytes(10, HttpHandler.withMaxBodyBytes(4, counting)))
                .post("/nested", HttpHandler.withMaxBodyBytes(4, HttpHandler.withMaxBodyBytes(10, counting)))
                .post("/large", counting)
                .build());
        Raw client = connect(server);
        client.send("POST /small HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 5\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 413 ");
        assertThat(handled).hasValue(0);
        for (String path : List.of("/small", "/nested")) {
            Raw other = connect(server);
            other.send(chunked(path, "4\nabcd\n0\n\n"));
            assertThat(other.answer()).endsWith("4 bytes");
            other.send(chunked(path, "4\nabcd\n1\ne\n0\n\n"));
            assertThat(other.status()).isEqualTo(413);
        }
        Raw large = connect(server);
        large.send(chunked("/large", "5\nabcde\n0\n\n"));
        assertThat(large.answer()).endsWith("5 bytes");
    }

    @Test
    void aRouteHasAResponseTimeoutOfItsOwn() throws Exception {
        expectErrors();
        HttpServer server = serve(Router.builder()
                .get("/never", HttpHandler.withResponseTimeout(SHORT, (request, response) -> response.later()))
                .build());
        Raw client = connect(server);
        client.send("GET /never HTTP/1.1\nHost: x\n\n");
        assertThat(client.status()).isEqualTo(503);
        until("it is reported", () -> errors.size() == 1);
    }

    @Test
    void theTimeoutOfARouteEndsWithItsRequest() throws Exception {
        expectErrors();
        options = options.withResponseTimeout(SHORT);
        HttpServer server = serve(Router.builder()
                .get("/late", HttpHandler.withResponseTimeout(Duration.ZERO, (request, response) -> {
                    response.later();
                    loop().schedule(SHORT.multipliedBy(3), () -> response.send("late"));
                }))
                .get("/never", (request, response) -> response.later())
                .build());
        Raw client = connect(server);
        client.send("GET /late HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).endsWith("late");
        client.send("GET /never HTTP/1.1\nHost: x\n\n");
        assertThat(client.status()).isEqualTo(503);
    }

    private static RateLimiter limit(long burst) {
        return RateLimiter.builder().rate(1, Duration.ofHours(1)).burst(burst).build();
    }

    @Test
    void aServerTakesTheSettingsOfItsConnections() throws Exception {
        RateLimiter accepts = limit(5);
        RateLimiter reads = limit(1 << 20);
        RateLimiter writes = limit(1 << 20);
        try (HttpServer server = HttpServer.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .ownLoops(2)
                .reusePort(true)
                .backlog(16)
                .acceptLimit(accepts)
                .acceptLimitPerAddress(RateLimiter.builder()
                        .rate(1, Duration.ofHours(1))
                        .burst(1)
                        .buildKeyed(10))
                .ipv6PrefixLength(128)
                .readLimit(reads)
                .writeLimit(writes)
                .handler(ServerTest::hello)
                .start()) {
            try (Raw client = new Raw(server)) {
                client.send("GET /plaintext HTTP/1.1\nHost: x\n\n");
                assertThat(client.status()).isEqualTo(200);
                try (Raw refused = new Raw(server)) { // after the answer: each loop accepts for itself
                    assertThat(refused.ends()).isTrue();
                }
            }
            assertThat(server.acceptsRefused()).isEqualTo(1);
            assertThat(server.acceptsHeldBack()).isZero();
            assertThat(accepts.available()).isLessThan(5);
            assertThat(reads.available()).isLessThan(1 << 20);
            assertThat(writes.available()).isLessThan(1 << 20);
        }
    }

    @Test
    void connectionsThatNeverOpenedAreReported() throws Exception {
        List<RefusalListener.Reason> causes = new CopyOnWriteArrayList<>();
        try (HttpServer server = HttpServer.builder()
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .proxyProtocol("127.0.0.1", "::1")
                        .refusals((remote, cause, failure) -> causes.add(cause))
                        .handler(ServerTest::hello)
                        .start();
                Raw client = new Raw(server)) {
            client.send("GET / HTTP/1.1\nHost: x\n\n");
            assertThat(client.ends()).isTrue();
            until("it is reported", () -> causes.equals(List.of(RefusalListener.Reason.PROXY_HEADER)));
        }
    }
}
