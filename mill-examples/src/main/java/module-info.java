/** Examples of Mill-IO. */
@SuppressWarnings("requires-automatic")
module io.millio.examples {
    requires info.picocli;
    requires io.millio;
    requires io.millio.http;
    requires io.millio.net;
    requires HdrHistogram;
    requires tools.jackson.core;
    requires static org.jspecify;

    opens io.millio.examples to
            info.picocli;
}
