package io.millio.net.memory;

import io.millio.EventLoop;
import io.millio.internal.Arguments;
import io.millio.net.account.MemoryTotal;
import io.millio.transport.Transport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * How much memory the connections of servers and clients may use together, so that their peers cannot exhaust that of
 * the process. All buffers of a connection count by their capacity: what is unread, what is queued, halves of TLS
 * records, slices of files, queued datagrams; so do a flat part for the connection and for the state of TLS, and what a
 * handler {@code charge}s for what it keeps itself. Not counted: the buffers of each loop, of which there is a fixed
 * number, and the memory of the system.
 *
 * <p>When memory gets scarce ({@link MemoryLevel}):
 *
 * <ul>
 *   <li>A connection above its share is <em>held</em>: it is not read, and its writes return {@code PAUSE}, until the
 *       level is normal or it has come down to its share. One that is held for too long is ended.
 *   <li>Later the largest connections are ended until there is room, and new ones are reset when they are accepted.
 *   <li>When all is used, a connection that is not small and takes more is ended at once, whatever other loops do.
 * </ul>
 *
 * <p>Connections end with the cause {@code MEMORY_LIMIT}, as by an abort. The budget is exact for each connection; the
 * total lags behind by up to 64 KiB, or a 256th of the maximum if that is less, for each loop, and is exact when all
 * connections have ended. A buffer is counted when it is there: so the maximum may be passed by that lag, and by one
 * buffer of each connection that takes one at the same moment.
 *
 * <p>Any thread.
 */
public final class MemoryBudget {
    /** A quarter of the largest heap. */
    static final long DEFAULT_MAX_BYTES = Math.max(1, Runtime.getRuntime().maxMemory() / 4);

    // Guarded by itself: the budget of each process. A simulated host is one, and goes when nothing else has it.
    private static final Map<Object, MemoryBudget> BY_PROCESS = new WeakHashMap<>();

    private final MemoryTotal total;

    MemoryBudget(MemoryTotal total) {
        this.total = total;
    }

    /**
     * The budget of all servers and clients that are given no other, with the defaults of the builder. Its maximum is a
     * quarter of the largest heap ({@link Runtime#maxMemory}). Buffers are direct as far as the pool of
     * {@code ConnectionOptions.withBuffers} has some, which by default are 64 MiB or a quarter of the largest heap,
     * whichever is less; beyond that they are of the heap. So at most a quarter of the heap is used for connections,
     * and as much of direct memory.
     */
    public static MemoryBudget process() {
        return ofProcess(Transport.class);
    }

    /**
     * The budget of the servers and clients on a loop that are given no other: {@link #process}, but each simulated
     * host has one of its own.
     */
    public static MemoryBudget of(EventLoop loop) {
        return ofProcess(loop.transport().process());
    }

    private static MemoryBudget ofProcess(Object process) {
        synchronized (BY_PROCESS) {
            return BY_PROCESS.computeIfAbsent(process, unused -> builder().build());
        }
    }

    /** Settings to make a budget from. */
    public static MemoryBudgetBuilder builder() {
        return new MemoryBudgetBuilder();
    }

    /** How many bytes are used: what connections hold, but for a little that each loop has not passed on yet. O(1). */
    public long usedBytes() {
        return total.usedBytes();
    }

    /** How many bytes may be used. */
    public long maxBytes() {
        return total.maxBytes;
    }

    /** What is used, and what was done. The numbers are read one after the other. O(1). */
    public MemoryStats stats() {
        return new MemoryStats(
                total.usedBytes(),
                total.maxBytes,
                total.peakBytes(),
                total.holders(),
                MemoryLevel.valueOf(MemoryTotal.nameOf(total.level())),
                total.paused.get(),
                total.resumed.get(),
                total.expired.get(),
                total.shed.get(),
                total.overLimit.get(),
                total.refused.get());
    }

    /**
     * Returns the connections and endpoints that use the most, the largest first. Does not need the loops, which may be
     * stuck. O(registrations of the loops).
     *
     * @param count how many at most, at least 1
     */
    public List<MemoryUse> top(int count) {
        Arguments.atLeast(1, count, "count");
        List<MemoryUse> all = new ArrayList<>();
        total.forEachLoop(loop -> loop.forEachHolder((holder, bytes) -> all.add(new MemoryUse(holder, bytes))));
        all.sort(Comparator.comparingLong(MemoryUse::bytes).reversed());
        return List.copyOf(all.subList(0, Math.min(count, all.size())));
    }

    /** For the servers and clients of this library: what counts, of a package that is not exported. */
    public MemoryTotal total() {
        return total;
    }

    @Override
    public String toString() {
        return "memory budget of " + total.maxBytes + " bytes, " + total.usedBytes() + " used";
    }
}
