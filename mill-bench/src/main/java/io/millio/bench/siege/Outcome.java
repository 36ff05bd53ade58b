package io.millio.bench.siege;

import org.jspecify.annotations.Nullable;

/**
 * What a siege has measured.
 *
 * @param alive whether the victim answers after it
 * @param attackers what the attackers have done; null if their process has failed
 * @param oldErrors how many connections of the well-behaved client failed that were open before the attack
 * @param peaceMillis the 99th percentile of its answers next to the peaceful load
 * @param attackMillis the same during the attack
 * @param peaceCpu the victim's share of one processor next to the peaceful load; NaN where the system does not say
 * @param attackCpu the same during the attack
 * @param newShare the share of its new connections that were answered during the attack
 * @param firstAnswerMillis median time from connecting to the answer of those
 * @param acceptedAfter whether all its new connections were answered two seconds after the attackers had left
 */
record Outcome(
        Attack attack,
        Victim victim,
        int connections,
        boolean alive,
        AttackPeers.@Nullable Tally attackers,
        Memory before,
        Memory after,
        int oldErrors,
        double peaceMillis,
        double attackMillis,
        double peaceCpu,
        double attackCpu,
        double newShare,
        double firstAnswerMillis,
        boolean acceptedAfter,
        VictimLog log) {
    private static final long MEMORY_TOLERANCE = 4L << 20;

    /** Whether no more memory is used than before, but for 4 MB. */
    boolean isMemoryBack() {
        return isMemoryBack(before, after);
    }

    static boolean isMemoryBack(Memory before, Memory after) {
        return before.isKnown() && after.isKnown() && after.used() - before.used() <= MEMORY_TOLERANCE;
    }

    /** Says which of the things that must hold do not; empty if all hold. */
    String failures() {
        StringBuilder text = new StringBuilder();
        append(text, !alive, "the victim does not answer any more");
        append(text, attackers == null || attackers.opened() == 0, "there was no attack");
        append(text, !isMemoryBack(), "memory is not back within 4 MB");
        append(text, oldErrors > 0, "old connections of the well-behaved client failed");
        append(text, log.inLibrary() > 0, "OutOfMemoryError in frames of Mill-IO");
        return text.toString();
    }

    private static void append(StringBuilder text, boolean failed, String what) {
        if (failed) {
            text.append(text.isEmpty() ? "" : "; ").append(what);
        }
    }
}
