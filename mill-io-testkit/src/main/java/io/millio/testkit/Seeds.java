package io.millio.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A JUnit test that is run with the seeds from 1 to a number, each time with a new {@link SimNetwork}.
 *
 * <pre>{@code
 * @Seeds(1000)
 * void anAnswerComesWhateverGoesWrong(SimNetwork network) { ... }
 * }</pre>
 *
 * <p>Each seed is an invocation of a {@link TestTemplate}, so it counts as one test in reports, and has all that a test
 * has: an instance of its own (unless the life cycle is per class), {@code @BeforeEach} and {@code @AfterEach}, and the
 * callbacks of other extensions. All of these may have a {@link SimNetwork} as a parameter; it is the same one, and is
 * closed after {@code @AfterEach}. Seeds run one after the other, and the first that fails is the last: the failure
 * names it and shows the end of the trace. If the seed had brought faults, some more runs with fewer of them are made
 * before, which do not count as failures: the failure also names the few faults that it needs.
 *
 * <p>System properties: {@code millio.seed} replaces all seeds by one, {@code millio.seeds} replaces {@link #value},
 * {@code millio.seeds.fresh} and {@code millio.seeds.timeout} replace {@link #fresh} and {@link #timeoutSeconds}, and
 * {@code millio.seeds.limit} bounds {@link #value} and {@link #fresh}. With {@code millio.seeds.twice=true} all seeds
 * are run twice, and with {@code millio.seeds.shrink=false} the faults of a failure are not reduced.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@TestTemplate
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SeedExtension.class)
public @interface Seeds {
    /**
     * How many seeds.
     *
     * @return at least 1
     */
    int value();

    /**
     * How many fresh seeds follow, from a number that is drawn anew each time and printed: so that each build tries
     * what no build has tried before.
     *
     * @return not negative
     */
    int fresh() default 0;

    /**
     * How many of the seeds, the first ones, are run twice. The second run must have the trace of the first one;
     * otherwise the test depends on something that the seed does not decide, such as an identity hash code, the
     * system's time or an own thread, and a failure could not be repeated.
     *
     * @return not negative
     */
    int twice() default 0;

    /**
     * How long the test may take with one seed, in seconds of real time. When it has passed, what drives the network
     * fails, and the thread of the test is interrupted; a test that does neither wait nor drive is not stopped.
     *
     * @return at least 1, or 0 for no limit
     */
    int timeoutSeconds() default 30;
}
