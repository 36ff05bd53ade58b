package io.millio.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A JUnit test that is run with one seed, with a new {@link SimNetwork} as its parameter: to keep what a seed has
 * found. Beside {@link Seeds} it replaces those, to find out what happens with the one that failed.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@TestTemplate
@ExtendWith(SeedExtension.class)
public @interface Seed {
    /**
     * The seed.
     *
     * @return any number
     */
    long value();
}
