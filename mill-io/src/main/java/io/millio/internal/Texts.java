package io.millio.internal;

import org.jspecify.annotations.Nullable;

/** Text of a program's objects, whose {@code toString()} may throw. Stateless; any thread. */
public final class Texts {
    private Texts() {}

    /** Returns the text of an object; its class and what was thrown if it has none. */
    public static String of(@Nullable Object object) {
        try {
            return String.valueOf(object);
        } catch (Exception | StackOverflowError e) { // a cycle of objects, for instance
            return object == null
                    ? "null"
                    : object.getClass().getName() + " (toString: "
                            + e.getClass().getName() + ")";
        }
    }
}
