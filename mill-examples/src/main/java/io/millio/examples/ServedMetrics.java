package io.millio.examples;

import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.http.AccessLog;
import io.millio.http.HttpHandler;
import io.millio.http.HttpServer;
import io.millio.metrics.ConnectionMetrics;
import io.millio.metrics.HttpMetrics;
import io.millio.metrics.LoopMetrics;
import io.millio.metrics.ServerMetrics;
import io.millio.metrics.TaskPoolMetrics;
import io.millio.net.RefusalListener;
import io.millio.task.Priority;
import org.jspecify.annotations.Nullable;

/** The numbers of an HTTP server and its loops, in the text format of Prometheus. */
final class ServedMetrics {
    private static final String NAME = "http-server";
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /** An access log that times requests, and calls another one. */
    AccessLog accessLog(@Nullable AccessLog next) {
        return new HttpMetrics(registry, Tags.empty(), next);
    }

    /** Counts the connections that do not open. */
    RefusalListener refusals() {
        return new ConnectionMetrics(registry, Tags.of("name", NAME));
    }

    /** Adds the numbers of a server and its loops. They stay for as long as the process. */
    void bind(HttpServer server, EventLoopGroup loops) {
        new ServerMetrics(server, NAME, Tags.empty()).bindTo(registry);
        new LoopMetrics(loops, Tags.empty()).bindTo(registry);
        EventLoop first = loops.loops().get(0); // the pool is the same for all
        new TaskPoolMetrics(first.computePool(), NAME, Tags.empty()).bindTo(registry);
    }

    /** Answers with all numbers. They are written on the compute pool, as there may be many. */
    HttpHandler handler(EventLoopGroup loops) {
        return HttpHandler.on(
                loops.loops().get(0).computePool().executor(Priority.NORMAL),
                (request, response) -> response.contentType(CONTENT_TYPE).send(registry.scrape()));
    }
}
