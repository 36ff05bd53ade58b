package io.millio.net;

/**
 * How much a peer may send that is no data: key updates, tickets, ignored alerts, empty records. Each of them costs
 * this side far more than the peer, up to a new key for 27 bytes, and some make the engine remember something. There is
 * some at the beginning, and data of either way earns more, so that a connection may live for ever. Loop only.
 */
final class TlsAllowance {
    /**
     * Of the beginning, and the most that can be had: tickets are a few KiB, and a whole record is allowed to be one
     * message.
     */
    static final int MOST_BYTES = 64 * 1024;

    /** So much data earns one byte. */
    static final int DATA_BYTES_FOR_ONE = 64;

    private long credit = (long) MOST_BYTES * DATA_BYTES_FOR_ONE;

    /** Data has been read or written. */
    void earn(long dataBytes) {
        credit = Math.min((long) MOST_BYTES * DATA_BYTES_FOR_ONE, credit + dataBytes);
    }

    /** A record without data has come; false if that was one too much. */
    boolean spend(int recordBytes) {
        credit -= (long) recordBytes * DATA_BYTES_FOR_ONE;
        return credit >= 0;
    }
}
