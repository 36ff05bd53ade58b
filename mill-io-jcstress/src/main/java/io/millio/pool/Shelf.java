package io.millio.pool;

/** Brings a pool into a state in which its one object is on the shelf, whichever thread runs this. */
final class Shelf {
    private Shelf() {}

    static <T> void put(ObjectPool<T> pool) {
        Lease<T> lease = pool.acquire();
        // As if by a thread that has no cache.
        lease.entry.become(PoolEntry.IDLE);
        pool.depot.giveBack(lease.entry, null);
    }
}
