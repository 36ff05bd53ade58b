package io.millio.testkit;

/** Checks what a script asks for. */
final class SimChecks {
    private SimChecks() {}

    static double probability(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability: " + probability + ", must be from 0 to 1");
        }
        return probability;
    }

    static double belowOne(double probability) {
        if (probability(probability) == 1) {
            throw new IllegalArgumentException("probability: 1.0, must be less than 1");
        }
        return probability;
    }
}
