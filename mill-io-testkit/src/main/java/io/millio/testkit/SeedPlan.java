package io.millio.testkit;

import java.lang.reflect.Method;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Which seeds a test is run with, by its annotations and the system properties.
 *
 * @param first the first seed
 * @param count how many, one after the other
 * @param firstFresh the first of the fresh ones
 * @param fresh how many fresh ones follow
 * @param twice how many of all, the first ones, are run twice
 * @param timeoutSeconds for each, in real time; 0 for no limit
 */
record SeedPlan(long first, int count, long firstFresh, int fresh, int twice, int timeoutSeconds) {
    static final String ONE_SEED = "millio.seed";
    private static final String SEEDS = "millio.seeds";
    private static final String LIMIT = "millio.seeds.limit";
    private static final String FRESH = "millio.seeds.fresh";
    private static final String TWICE = "millio.seeds.twice";
    private static final String SHRINK = "millio.seeds.shrink";
    private static final String TIMEOUT = "millio.seeds.timeout";
    private static final int DEFAULT_TIMEOUT_SECONDS = 30;

    /** Not below it: so that no fresh seed is one of the others. */
    private static final long FRESH_FROM = 1L << 32;

    static SeedPlan of(Method method) {
        Seeds seeds = method.getAnnotation(Seeds.class);
        Seed seed = method.getAnnotation(Seed.class);
        int timeout = notNegative(
                Integer.getInteger(TIMEOUT, seeds == null ? DEFAULT_TIMEOUT_SECONDS : seeds.timeoutSeconds()),
                "timeoutSeconds",
                method);
        boolean allTwice = Boolean.getBoolean(TWICE);
        Long one = seeds == null ? null : Long.getLong(ONE_SEED);
        if (one != null || seed != null || seeds == null) {
            long only = one != null ? one : seed != null ? seed.value() : 1;
            return new SeedPlan(only, 1, 0, 0, allTwice ? 1 : 0, timeout);
        }
        int count = Integer.getInteger(SEEDS, seeds.value());
        if (count < 1) {
            throw new IllegalArgumentException("seeds: " + count + ", must be at least 1, of " + method);
        }
        int limit = Integer.getInteger(LIMIT, Integer.MAX_VALUE);
        return new SeedPlan(
                1,
                Math.min(count, limit),
                FRESH_FROM + ((long) new SecureRandom().nextInt(1 << 20) << 20),
                Math.min(notNegative(Integer.getInteger(FRESH, seeds.fresh()), "fresh", method), limit),
                allTwice ? Integer.MAX_VALUE : notNegative(seeds.twice(), "twice", method),
                timeout);
    }

    private static int notNegative(int value, String name, Method method) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ": " + value + ", must not be negative, of " + method);
        }
        return value;
    }

    /** Whether a failure is followed by runs with fewer faults. */
    boolean shrinks() {
        return !"false".equals(System.getProperty(SHRINK));
    }

    /** Returns a seed by its position among all, or null behind the last. */
    @Nullable
    Long seed(int position) {
        return position < count
                ? Long.valueOf(first + position)
                : position - count < fresh ? Long.valueOf(firstFresh + position - count) : null;
    }
}
