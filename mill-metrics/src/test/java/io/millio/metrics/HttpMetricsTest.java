package io.millio.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.millio.http.HttpOptions;
import io.millio.http.HttpServer;
import io.millio.http.Router;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class HttpMetricsTest extends MetricsCase {
    private static final String COUNT = "http_server_requests_seconds_count";

    private final List<String> logged = new CopyOnWriteArrayList<>();

    private HttpServer serve(HttpMetrics metrics) throws Exception {
        return HttpServer.builder()
                .address("127.0.0.1", 0)
                .options(HttpOptions.DEFAULT.withAccessLog(metrics))
                .handler(Router.builder()
                        .get("/users/{id}", (request, response) -> response.send("user"))
                        .post("/users/{id}", (request, response) -> response.error(503))
                        .build())
                .start();
    }

    private void ask(HttpServer server, String... requests) throws Exception {
        int before = logged.size();
        try (Socket client = connect(server.localAddress())) {
            for (String request : requests) {
                client.getOutputStream()
                        .write((request + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
            }
            until("all are logged", () -> logged.size() == before + requests.length);
        }
    }

    private double count(String method, String uri, String status, String outcome) {
        return value(COUNT, "app=t", "method=" + method, "uri=" + uri, "status=" + status, "outcome=" + outcome);
    }

    @Test
    void requestsAreTimedByMethodRouteAndStatusAndStillLogged() throws Exception {
        HttpMetrics metrics = new HttpMetrics(
                registry,
                Tags.of("app", "t"),
                (request, status, bytes, complete, nanos) -> logged.add(request.target() + " " + status));
        try (HttpServer server = serve(metrics)) {
            ask(server, "GET /users/1?a", "GET /users/2", "HEAD /users/3", "POST /users/1");
            ask(server, "GET /none", "GET /none/at/all", "BREW /users/1", "DELETE /users/1");
            assertThat(logged)
                    .containsExactly(
                            "/users/1?a 200",
                            "/users/2 200",
                            "/users/3 200",
                            "/users/1 503",
                            "/none 404",
                            "/none/at/all 404",
                            "/users/1 405",
                            "/users/1 405");
            assertThat(count("GET", "/users/{id}", "200", "SUCCESS")).isEqualTo(2);
            assertThat(count("HEAD", "/users/{id}", "200", "SUCCESS")).isEqualTo(1);
            assertThat(count("POST", "/users/{id}", "503", "SERVER_ERROR")).isEqualTo(1);
            assertThat(count("GET", "NOT_FOUND", "404", "CLIENT_ERROR")).isEqualTo(2);
            assertThat(count("OTHER", "UNKNOWN", "405", "CLIENT_ERROR")).isEqualTo(1);
            assertThat(count("DELETE", "UNKNOWN", "405", "CLIENT_ERROR")).isEqualTo(1);
            assertThat(registry.get("http.server.requests")
                            .tag("method", "HEAD")
                            .timer()
                            .max(java.util.concurrent.TimeUnit.NANOSECONDS))
                    .isPositive();
            assertNamedByTheConventions();
            metrics.close();
            assertNothingIsLeft();
            ask(server, "GET /users/9");
            assertThat(logged).last().isEqualTo("/users/9 200");
            assertNothingIsLeft();
        }
    }

    @Test
    void aLogThatThrowsDoesNotKeepARequestFromBeingCounted() throws Exception {
        try (HttpMetrics metrics =
                        new HttpMetrics(registry, Tags.of("app", "t"), (request, status, bytes, complete, nanos) -> {
                            logged.add(request.target());
                            throw new IllegalStateException("from the log");
                        });
                HttpServer server = serve(metrics)) {
            ask(server, "GET /users/1");
            assertThat(count("GET", "/users/{id}", "200", "SUCCESS")).isEqualTo(1);
        }
    }
}
