package io.millio.limit;

/** What arguments must be. */
final class Checks {
    private Checks() {}

    static long positive(long value, String argument) {
        if (value < 1) {
            throw new IllegalArgumentException(argument + ": " + value + ", must be at least 1");
        }
        return value;
    }

    static void obtainable(long permits, long burst) {
        if (permits > burst) {
            throw new IllegalArgumentException(
                    "permits: " + permits + ", could never be had, as the burst is " + burst);
        }
        positive(permits, "permits");
    }
}
