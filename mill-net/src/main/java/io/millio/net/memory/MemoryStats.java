package io.millio.net.memory;

/**
 * How much of a budget is used, and what was done to keep it.
 *
 * @param usedBytes as {@link MemoryBudget#usedBytes}
 * @param maxBytes as {@link MemoryBudget#maxBytes}
 * @param peakBytes the most that was used at any time
 * @param connections how many connections and datagram endpoints share it
 * @param level how scarce memory is
 * @param paused how often a connection was held, that is, was not read for a while
 * @param resumed how often one was read again
 * @param expired how many connections were ended as they were held for too long
 * @param shed how many connections were ended as the largest, to make room
 * @param overLimit how many connections were ended as they took more when the budget was full
 * @param refused how many connections were reset when they were accepted
 */
public record MemoryStats(
        long usedBytes,
        long maxBytes,
        long peakBytes,
        int connections,
        MemoryLevel level,
        long paused,
        long resumed,
        long expired,
        long shed,
        long overLimit,
        long refused) {}
