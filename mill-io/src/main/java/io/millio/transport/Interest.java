package io.millio.transport;

import java.util.Objects;

/** The events that are reported for a source. Errors are reported whatever the interest, where the transport can. */
public enum Interest {
    /** Nothing: a paused source, which costs no processor time. */
    NONE(0),
    /** Bytes, a connection to accept, or the end of input. */
    READABLE(Readiness.READABLE),
    /** Room for bytes, or the end of a connection attempt. */
    WRITABLE(Readiness.WRITABLE),
    /** Both. */
    READABLE_WRITABLE(Readiness.READABLE | Readiness.WRITABLE);

    // By their bits, which are 0 to 3 in the order of declaration; values() would copy the array at each call.
    private static final Interest[] BY_BITS = values();

    private final int bits;

    Interest(int bits) {
        this.bits = bits;
    }

    /** The interest as {@link Readiness} bits. */
    public int bits() {
        return bits;
    }

    /** The interest with these {@link Readiness} bits; others than readable and writable are passed over. */
    public static Interest ofBits(int bits) {
        return BY_BITS[bits & (Readiness.READABLE | Readiness.WRITABLE)];
    }

    /** Returns whether this includes {@link #READABLE}. */
    public boolean isReadable() {
        return (bits & Readiness.READABLE) != 0;
    }

    /** Returns whether this includes {@link #WRITABLE}. */
    public boolean isWritable() {
        return (bits & Readiness.WRITABLE) != 0;
    }

    /** This and the other one together. */
    public Interest with(Interest other) {
        return BY_BITS[bits | Objects.requireNonNull(other, "other").bits];
    }

    /** This less the other one. */
    public Interest without(Interest other) {
        return BY_BITS[bits & ~Objects.requireNonNull(other, "other").bits];
    }
}
