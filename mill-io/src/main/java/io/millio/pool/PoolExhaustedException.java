package io.millio.pool;

/** Thrown when a pool has reached its bound, and nothing is idle. */
public final class PoolExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** In the pool's unit. */
    private final long limit;

    /** In the pool's unit. */
    private final long leased;

    PoolExhaustedException(String message, long limit, long leased) {
        super(message);
        this.limit = limit;
        this.leased = leased;
    }

    /** The pool's bound: objects of an {@link ObjectPool}, bytes of a {@link BufferPool}. */
    public long limit() {
        return limit;
    }

    /**
     * Returns the approximate amount leased at the time: objects of an {@link ObjectPool}, bytes of a
     * {@link BufferPool}.
     */
    public long leased() {
        return leased;
    }
}
