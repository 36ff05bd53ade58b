package io.millio.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;

/** A registry for Prometheus, and what the tests read of it. */
abstract class MetricsCase {
    final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    @AfterEach
    void close() {
        registry.close();
    }

    /** What Prometheus would read now. */
    PrometheusText scrape() {
        return PrometheusText.parse(registry.scrape());
    }

    double value(String name, String... labels) {
        return scrape().value(name, labels);
    }

    static Socket connect(SocketAddress to) throws IOException {
        InetSocketAddress at = (InetSocketAddress) to;
        Socket socket = new Socket(at.getAddress(), at.getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    static void until(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > 20_000_000_000L) {
                throw new AssertionError("waited in vain until " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Every meter of a binder has a name and tags as Micrometer wants them, and a description. */
    void assertNamedByTheConventions() {
        assertThat(registry.getMeters()).isNotEmpty();
        for (Meter meter : registry.getMeters()) {
            Meter.Id id = meter.getId();
            assertThat(id.getName()).matches("(millio|http)(\\.[a-z]+)+");
            assertThat(id.getTags())
                    .as(id.getName())
                    .isNotEmpty()
                    .extracting(Tag::getKey)
                    .allMatch(key -> key.matches("[a-z]+"));
            if (id.getBaseUnit() == null) { // Prometheus cuts such an end off
                assertThat(id.getName()).doesNotMatch(".*\\.(created|total|bucket|count|sum|info)");
            }
            assertThat(id.getDescription()).as(id.getName()).isNotBlank();
        }
    }

    void assertNothingIsLeft() {
        assertThat(registry.getMeters()).isEmpty();
        assertThat(scrape().size()).isZero();
    }
}
