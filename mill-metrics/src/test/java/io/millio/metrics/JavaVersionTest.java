package io.millio.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Shows that the build runs the tests on the Java it means to; an IDE does not set the property. */
@EnabledIfSystemProperty(named = "millio.test.java", matches = ".+")
class JavaVersionTest {
    @Test
    void runsOnTheJavaThatTheBuildSelected() {
        assertThat(Runtime.version().feature()).isEqualTo(Integer.getInteger("millio.test.java"));
    }
}
