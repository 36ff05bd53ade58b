package io.millio.pool;

import io.millio.internal.Arguments;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded pool of objects that are costly to make or to let go of.
 *
 * <p>Made by a builder:
 *
 * <pre>{@code
 * ObjectPool<Parser> parsers = ObjectPool.builder(Parser::new).reset(Parser::clear).maxSize(256).build();
 * try (Lease<Parser> lease = parsers.acquire()) {
 *     lease.get().parse(input);
 * }
 * }</pre>
 *
 * <p>Objects are made when none is idle, up to the bound, which holds for all that exist: leased, idle, being made and
 * being disposed of. A request never waits: when all are leased it is refused.
 *
 * <p>Any thread. Each platform thread that acquires keeps up to 32 idle objects at hand, at no more cost than one
 * atomic step each to take one and to give it back, one more with a {@code reset}; other threads get at these when
 * nothing else is left. Virtual threads, and threads that only give back, share the rest under a short lock. In the
 * steady state neither way allocates. When a thread dies its objects go to all. O(1), save for a request at the bound,
 * which looks at each thread that uses the pool, and if one has an idle object, at up to all objects.
 *
 * <p>What is not noticed: a lease closed twice, see {@link Lease}, when it was given out again in between; a lease that
 * was forgotten, unless leaks are tracked, which takes its place for ever.
 *
 * @param <T> what is pooled
 */
public final class ObjectPool<T> implements AutoCloseable {
    private final PoolCore<T, Lease<T>> core;
    private final int maxSize;
    private final int minIdle;
    private final long idleNanos;

    ObjectPool(PoolSettings<T> settings, int minIdle, long idleNanos) {
        core = new PoolCore<>(settings, Lease::new);
        maxSize = settings.maxSize();
        this.minIdle = minIdle;
        this.idleNanos = idleNanos;
    }

    /**
     * Starts to make a pool.
     *
     * @param create makes an object, on the thread that acquires, never null; what it throws, that thread gets
     */
    public static <T> ObjectPoolBuilder<T> builder(Supplier<? extends T> create) {
        return new ObjectPoolBuilder<>(Objects.requireNonNull(create, "create"));
    }

    /** The pool's name, as errors and leak reports tell it. */
    public String name() {
        return core.name();
    }

    /**
     * Leases an object.
     *
     * @throws PoolExhaustedException if the bound is reached and all objects are leased
     * @throws IllegalStateException if the pool is closed
     */
    public Lease<T> acquire() {
        Lease<T> lease = tryAcquire();
        if (lease == null) {
            int leased = stats().leased();
            throw new PoolExhaustedException(
                    "pool " + name() + " is exhausted: " + leased + " of at most " + maxSize + " objects are leased",
                    maxSize,
                    leased);
        }
        return lease;
    }

    /**
     * Leases an object, or returns null if the bound is reached and all objects are leased (or being disposed of).
     *
     * @throws IllegalStateException if the pool is closed
     */
    public @Nullable Lease<T> tryAcquire() {
        Lease<T> lease = core.take();
        return lease != null ? lease : tryAcquireSlowly();
    }

    private @Nullable Lease<T> tryAcquireSlowly() {
        Lease<T> lease = core.takeNew();
        if (lease == null) {
            lease = core.steal();
        }
        if (lease == null) {
            core.countExhausted();
        }
        return lease;
    }

    /**
     * Closes a lease that must be one of this pool, as {@link Lease#close} does.
     *
     * @throws IllegalArgumentException if it is another pool's, to which it stays leased
     * @throws IllegalStateException if it is closed already
     */
    public void release(Lease<T> lease) {
        core.requireOwn(lease);
        lease.close();
    }

    /**
     * Drops objects that have been idle for the builder's {@code idleTime}; as {@link #trim(long)}.
     *
     * @return how many
     */
    public int trim() {
        return core.trim(idleNanos, minIdle, Integer.MAX_VALUE);
    }

    /**
     * Drops objects that have been idle for some time, as long as more than the builder's {@code minIdle} are idle. To
     * be called every now and then, by a loop's timer say.
     *
     * <p>Giving back reads no clock: an object's idle time starts with the first trim, of either kind, that finds it
     * idle. So it is dropped after this time at least, and after this time and two intervals between trims at most.
     * O(objects).
     *
     * @param idleNanos how long, in nanoseconds; 0 drops all that are idle, at once
     * @return how many
     * @throws IllegalArgumentException if the time is negative
     */
    public int trim(long idleNanos) {
        return core.trim(Arguments.atLeast(0, idleNanos, "idleNanos"), minIdle, Integer.MAX_VALUE);
    }

    /** What the pool has and has done. O(threads that use it). */
    public PoolStats stats() {
        return core.stats();
    }

    /**
     * Closes the pool: idle objects are disposed of now, leased ones when they come back. Further requests are an
     * {@link IllegalStateException}. Closing twice is fine. What {@code dispose} throws is thrown on at the end.
     * O(objects).
     */
    @Override
    public void close() {
        core.close();
    }
}
