package io.millio.internal;

import org.jspecify.annotations.Nullable;

/** Which loop the calling thread drives now: the innermost, if a callback drives another one. Each thread's own. */
public final class DrivenLoop {
    private static final ThreadLocal<@Nullable Object> CURRENT = new ThreadLocal<>();

    private DrivenLoop() {}

    /** Returns the loop; null if the thread drives none. */
    public static @Nullable Object get() {
        return CURRENT.get();
    }

    /** Sets the loop, or the one that the thread drove before. */
    public static void set(@Nullable Object loop) {
        CURRENT.set(loop);
    }
}
