package io.millio.pool;

/**
 * The content of a {@link BufferPool}, and its counts since it was made; as exact as {@link PoolStats} is.
 *
 * @param heldBytes bytes of all buffers the pool knows, leased and idle; not of those dropped and not yet collected
 * @param maxTotalBytes the bound of {@code heldBytes}
 * @param leasedBytes bytes of the leased buffers, by their capacities
 * @param buffers the sums over all size classes
 */
public record BufferPoolStats(long heldBytes, long maxTotalBytes, long leasedBytes, PoolStats buffers) {}
