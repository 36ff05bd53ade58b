/** The numbers of Mill-IO as meters of Micrometer. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer has no module descriptors
module io.millio.metrics {
    requires transitive io.millio.http;
    requires transitive micrometer.core;
    requires static org.jspecify;

    exports io.millio.metrics;
}
