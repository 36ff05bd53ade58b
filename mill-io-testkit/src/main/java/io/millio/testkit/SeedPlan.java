package io.millio.testkit;

import java.lang.reflect.Method;

/**
 * Which seeds a test is run with, by its annotations and the system properties.
 *
 * @param first the first seed
 * @param count how many, one after the other
 * @param timeoutSeconds for each, in real time; 0 for no limit
 */
record SeedPlan(long first, int count, int timeoutSeconds) {
    static final String ONE_SEED = "millio.seed";
    private static final String SEEDS = "millio.seeds";
    private static final String LIMIT = "millio.seeds.limit";
    private static final String TIMEOUT = "millio.seeds.timeout";

    static SeedPlan of(Method method) {
        Seeds seeds = method.getAnnotation(Seeds.class);
        Seed seed = method.getAnnotation(Seed.class);
        Long one = Long.getLong(ONE_SEED);
        int timeout = Integer.getInteger(TIMEOUT, seeds == null ? 30 : seeds.timeoutSeconds());
        if (timeout < 0) {
            throw new IllegalArgumentException("timeoutSeconds: " + timeout + ", must not be negative, of " + method);
        }
        if (one != null && seeds != null) {
            return new SeedPlan(one, 1, timeout);
        }
        if (seed != null || seeds == null) {
            return new SeedPlan(seed == null ? 1 : seed.value(), 1, timeout);
        }
        int count = Integer.getInteger(SEEDS, seeds.value());
        if (count < 1) {
            throw new IllegalArgumentException("seeds: " + count + ", must be at least 1, of " + method);
        }
        return new SeedPlan(1, limited(count), timeout);
    }

    private static int limited(int count) {
        return Math.min(count, Integer.getInteger(LIMIT, Integer.MAX_VALUE));
    }
}
