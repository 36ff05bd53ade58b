package io.millio.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.millio.http.HttpServer;
import io.millio.limit.RateLimiter;
import io.millio.net.TcpServer;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class ServerMetricsTest extends MetricsCase {
    @Test
    void theConnectionsAndLimitsOfAServerAreReadWhenTheRegistryIs() throws Exception {
        try (TcpServer server = TcpServer.builder()
                        .address("127.0.0.1", 0)
                        .maxConnections(1)
                        .refuseExcess(true)
                        .readLimit(RateLimiter.perSecond(1_000_000))
                        .handler((connection, bytes) -> connection.write(bytes))
                        .start();
                ServerMetrics metrics = new ServerMetrics(server, "echo", Tags.of("zone", "a"))) {
            metrics.bindTo(registry);
            String[] of = {"name=echo", "zone=a"};
            assertThat(value("millio_server_connections", of)).isZero();
            try (Socket client = connect(server.localAddress())) {
                client.getOutputStream().write(new byte[7]);
                assertThat(client.getInputStream().readNBytes(7)).hasSize(7);
                assertThat(value("millio_server_connections", of)).isEqualTo(1);
                try (Socket excess = connect(server.localAddress())) {
                    until("it is refused", () -> value("millio_server_excess_refused_total", of) == 1);
                    assertThat(excess.isConnected()).isTrue();
                }
            }
            assertThat(value("millio_server_limit_passed_bytes_total", "name=echo", "zone=a", "direction=read"))
                    .isEqualTo(7);
            assertThat(value("millio_server_limit_passed_bytes_total", "name=echo", "zone=a", "direction=write"))
                    .isZero();
            until("the client has gone", () -> value("millio_server_connections", of) == 0);
            assertNamedByTheConventions();
        }
        assertNothingIsLeft();
    }

    @Test
    void anHttpServerHasTheConnectionsToo() throws Exception {
        try (HttpServer server = HttpServer.builder()
                        .address("127.0.0.1", 0)
                        .handler((request, response) -> response.send())
                        .start();
                ServerMetrics metrics = new ServerMetrics(server, "web", Tags.empty())) {
            metrics.bindTo(registry);
            try (Socket client = connect(server.localAddress())) {
                until("it is accepted", () -> value("millio_server_connections", "name=web") == 1);
                assertThat(client.isConnected()).isTrue();
            }
            until("the client has gone", () -> value("millio_server_connections", "name=web") == 0);
        }
        assertNothingIsLeft();
    }

    @Test
    void aBinderServesSeveralRegistriesAndClosesTwice() throws Exception {
        try (TcpServer server = TcpServer.builder()
                .address("127.0.0.1", 0)
                .handler((connection, bytes) -> {})
                .start()) {
            var second = new io.micrometer.core.instrument.simple.SimpleMeterRegistry();
            ServerMetrics metrics = new ServerMetrics(server, "s", Tags.empty());
            metrics.bindTo(registry);
            metrics.bindTo(second);
            assertThat(second.getMeters()).hasSameSizeAs(registry.getMeters());
            metrics.close();
            metrics.close();
            assertThat(second.getMeters()).isEmpty();
            assertNothingIsLeft();
        }
    }
}
