package io.millio.transport;

import java.util.Objects;

/** What a registration wants to be told of its source. Errors are told whatever the interest, where the transport can. */
public enum Interest {
    /** Nothing: a paused source, which costs no processor time. */
    NONE,
    /** Bytes, a connection to accept, or the end of input. */
    READABLE,
    /** Room for bytes, or the end of a connection attempt. */
    WRITABLE,
    /** Both. */
    READABLE_WRITABLE;

    // By ordinal, which is the bits below; values() would copy the array at each call.
    private static final Interest[] BY_BITS = values();

    /** The interest as {@link Readiness} bits. */
    public int bits() {
        return ordinal();
    }

    /** The interest with these {@link Readiness} bits; others than readable and writable are passed over. */
    public static Interest ofBits(int bits) {
        return BY_BITS[bits & (Readiness.READABLE | Readiness.WRITABLE)];
    }

    /** Whether this includes {@link #READABLE}. */
    public boolean isReadable() {
        return (ordinal() & Readiness.READABLE) != 0;
    }

    /** Whether this includes {@link #WRITABLE}. */
    public boolean isWritable() {
        return (ordinal() & Readiness.WRITABLE) != 0;
    }

    /** This and the other one together. */
    public Interest with(Interest other) {
        return BY_BITS[ordinal() | Objects.requireNonNull(other, "other").ordinal()];
    }

    /** This less the other one. */
    public Interest without(Interest other) {
        return BY_BITS[ordinal() & ~Objects.requireNonNull(other, "other").ordinal()];
    }
}
