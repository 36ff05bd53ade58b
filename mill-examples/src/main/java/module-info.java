/** Examples of Mill-IO. */
@SuppressWarnings("requires-automatic")
module io.millio.examples {
    requires io.millio;
    requires io.millio.http;
    requires io.millio.metrics;
    requires io.millio.net;
    requires HdrHistogram;
    requires org.apache.commons.cli;
    requires micrometer.registry.prometheus;
    requires tools.jackson.core;
    requires static org.jspecify;
}
