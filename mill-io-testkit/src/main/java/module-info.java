/** A simulated network for tests of programs, and the test suite for transports. */
module io.millio.testkit {
    requires transitive io.millio;
    requires static transitive org.junit.jupiter.api;
    requires static org.junit.jupiter.params;
    requires static org.assertj.core;
    requires static org.jspecify;
    requires static org.junit.platform.commons;
    requires static org.opentest4j;

    exports io.millio.testkit;
    exports io.millio.testkit.conformance;

    // The tests are package-private: JUnit calls them by reflection.
    opens io.millio.testkit.conformance to
            org.junit.platform.commons;
}
