package io.millio.internal;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Handles what was caught as a {@link Throwable}. */
public final class Exceptions {
    private Exceptions() {}

    /** Returns the cause of a {@link CompletionException}, in which stages wrap it, and any other failure as it is. */
    public static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
        return cause == null ? failure : unwrapped(cause);
    }

    /** Returns the first of several failures, to which the next one is added; the next one if it is the first. */
    public static Throwable joined(@Nullable Throwable first, Throwable next) {
        if (first == null) {
            return next;
        }
        first.addSuppressed(next);
        return first;
    }

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
