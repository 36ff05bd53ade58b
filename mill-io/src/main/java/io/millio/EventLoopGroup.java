package io.millio;

import io.millio.internal.LoopFuture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Several loops that share the work, all with the same settings: with worker dispatch one pool of workers for all, and
 * one pool of computations. From {@link EventLoopBuilder#buildGroup}. Every method may be called from any thread.
 */
public final class EventLoopGroup implements AutoCloseable {
    private final List<EventLoop> loops;
    private final OwnedPools ownedPools;

    // Where the next search begins. It may overflow.
    private final AtomicInteger rotation = new AtomicInteger();

    EventLoopGroup(List<EventLoop> loops, OwnedPools ownedPools) {
        this.loops = List.copyOf(loops);
        this.ownedPools = ownedPools;
    }

    /** Creates a group with the defaults of {@link EventLoop#create()}. */
    public static EventLoopGroup create(int loops) {
        return EventLoop.builder().buildGroup(loops);
    }

    /** Returns the loops, always the same ones in the same order. */
    public List<EventLoop> loops() {
        return loops;
    }

    /**
     * Returns the loop with the fewest registrations, round-robin among several. Concurrent registrations may be
     * missed. O(loops).
     */
    public EventLoop next() {
        int first = Math.floorMod(rotation.getAndIncrement(), loops.size());
        EventLoop least = loops.get(first);
        int leastCount = least.registrations();
        for (int i = 1; i < loops.size(); i++) {
            EventLoop loop = loops.get((first + i) % loops.size());
            int count = loop.registrations();
            if (count < leastCount) {
                least = loop;
                leastCount = count;
            }
        }
        return least;
    }

    /** Describes what each loop does now: see {@link EventLoop#dump}. */
    public String dump() {
        StringBuilder text = new StringBuilder(1024);
        loops.forEach(loop -> text.append(loop.dump()));
        return text.toString();
    }

    /** Starts each loop on a thread of its own, as {@link EventLoop#start} does. */
    public void start() {
        loops.forEach(EventLoop::start);
    }

    /** Makes each loop that runs return, as {@link EventLoop#stop} does. */
    public void stop() {
        loops.forEach(EventLoop::stop);
    }

    /**
     * Shuts all loops down, as {@link EventLoop#shutdown} does, and then the pools: those that are driven concurrently,
     * those that no thread drives one after the other.
     *
     * @param deadline how long it may take
     * @return completed when all have closed: true if everything had ended by itself, false if the deadline cut
     *     something off
     */
    public CompletableFuture<Boolean> shutdown(Duration deadline) {
        CompletableFuture<Boolean> result = new LoopFuture<>(loops);
        CompletableFuture<Boolean> all = CompletableFuture.completedFuture(true);
        for (EventLoop loop : loops) {
            all = all.thenCombine(loop.shutdown(deadline), Boolean::logicalAnd);
        }
        CompletableFuture<Boolean> unused = all.whenComplete((drained, failure) -> {
            try {
                ownedPools.end();
            } finally {
                result.complete(failure == null && drained);
            }
        });
        return result;
    }

    /** Closes all loops, as {@link EventLoop#close} does, and then the pools. A second call does nothing. */
    @Override
    public void close() {
        loops.forEach(EventLoop::close);
        ownedPools.end();
    }
}
