/** The test suite for transports. */
module io.millio.testkit {
    requires transitive io.millio;
    requires static transitive org.junit.jupiter.api;
    requires static org.assertj.core;
    requires static org.jspecify;

    exports io.millio.testkit;
}
