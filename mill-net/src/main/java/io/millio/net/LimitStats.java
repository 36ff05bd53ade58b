package io.millio.net;

/**
 * What a limit of bytes a second has let through and held back so far. That of a server or client sums up its loops;
 * one that is not set has zeros.
 *
 * @param bytes bytes that passed
 * @param waits how often a connection had to wait
 * @param waitNanos how long they waited, in all
 * @param droppedBytes bytes that were queued when their connection ended, and were never written; for reading always 0
 */
public record LimitStats(long bytes, long waits, long waitNanos, long droppedBytes) {
    static final LimitStats NONE = new LimitStats(0, 0, 0, 0);

    LimitStats plus(LimitStats other) {
        return new LimitStats(
                bytes + other.bytes,
                waits + other.waits,
                waitNanos + other.waitNanos,
                droppedBytes + other.droppedBytes);
    }
}
