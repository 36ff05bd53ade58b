package io.millio.pool;

/**
 * The content of a pool, and its counts since it was made. Exact when no other thread is in a call of the pool,
 * otherwise off by the calls under way.
 *
 * @param created objects made
 * @param leased objects that are leased now
 * @param idle objects that wait for a lease now
 * @param acquired leases given out
 * @param released leases given back
 * @param disposed objects disposed of
 * @param exhausted requests that were refused because the bound was reached
 * @param leaked leases that became unreachable without being closed, as far as they were tracked
 */
public record PoolStats(
        long created, int leased, int idle, long acquired, long released, long disposed, long exhausted, long leaked) {

    PoolStats plus(PoolStats other) {
        return new PoolStats(
                created + other.created,
                leased + other.leased,
                idle + other.idle,
                acquired + other.acquired,
                released + other.released,
                disposed + other.disposed,
                exhausted + other.exhausted,
                leaked + other.leaked);
    }
}
