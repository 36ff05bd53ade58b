package io.millio.transport;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The name of a registration: what a handler finds in its events, and what finds the registration again.
 *
 * <p>A program names its own tokens with {@link #of}; every {@code long} is allowed, 0 too. A token that the loop
 * gives, because none was named, is {@link #unique}: it lives in a space of its own and never equals a named one.
 *
 * <p>Immutable; any thread.
 */
public final class Token {
    // Only ever incremented, so any atomic order will do.
    private static final AtomicLong NEXT_UNIQUE = new AtomicLong();

    private final long value;
    private final boolean unique;

    private Token(long value, boolean unique) {
        this.value = value;
        this.unique = unique;
    }

    /** The token with this value; two of the same value are equal. */
    public static Token of(long value) {
        return new Token(value, false);
    }

    /** A token that equals no other of this Java process. */
    public static Token unique() {
        return new Token(NEXT_UNIQUE.getAndIncrement(), true);
    }

    /** The value of a named token; of a unique one, its serial number. */
    public long value() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Token that && value == that.value && unique == that.unique;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(unique ? ~value : value);
    }

    @Override
    public String toString() {
        return unique ? "#" + value : Long.toString(value);
    }
}
