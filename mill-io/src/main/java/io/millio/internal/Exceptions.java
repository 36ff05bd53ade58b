package io.millio.internal;

/** Rethrows what was caught as a {@link Throwable}. */
public final class Exceptions {
    private Exceptions() {}

    /**
     * Throws the exception as it is, checked or not. Declared to return, so that callers can write {@code throw
     * rethrow(e)}.
     */
    @SuppressWarnings("TypeParameterUnusedInFormals")
    public static RuntimeException rethrow(Throwable thrown) {
        throw Exceptions.<RuntimeException>as(thrown);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T as(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
