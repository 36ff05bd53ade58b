package io.millio.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A JUnit test that is run with the seeds from 1 to a number, each time with a new {@link SimNetwork}, its one
 * parameter. It counts as one test, and ends at the first seed that fails: the failure names that seed and shows the
 * end of the trace.
 *
 * <pre>{@code
 * @Seeds(1000)
 * void anAnswerComesWhateverGoesWrong(SimNetwork network) { ... }
 * }</pre>
 *
 * <p>The network is closed after each seed. What surrounds the test ({@code @BeforeEach} and the like) is run once, not
 * for each seed. The system property {@code millio.seeds} replaces the number, and {@code millio.seed} the whole range
 * by one seed.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Test
@ExtendWith(SeedExtension.class)
public @interface Seeds {
    /**
     * How many seeds.
     *
     * @return at least 1
     */
    int value();
}
