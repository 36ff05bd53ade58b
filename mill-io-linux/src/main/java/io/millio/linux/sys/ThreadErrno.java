package io.millio.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Where a thread's calls leave errno: memory of its own, made at its first call and freed some time after its end.
 * Always in the cache of the processor that the thread is on, which a slot for each descriptor is not where there are
 * thousands.
 *
 * <p>Not for virtual threads: there may be one for each run of a handler. They take a {@link Scratch} for the time of
 * the call.
 */
public final class ThreadErrno extends ThreadLocal<MemorySegment> {
    /** A cache line, so that no other thread writes there. */
    private static final int LINE_BYTES = 64;

    private static final ThreadErrno OF_THREAD = new ThreadErrno();

    private ThreadErrno() {}

    @Override
    protected MemorySegment initialValue() {
        return Arena.ofAuto().allocate(LINE_BYTES, LINE_BYTES).asSlice(0, Function.ERRNO_BYTES);
    }

    /** The calling thread's; null on a virtual one. To be passed to calls only. */
    public static @Nullable MemorySegment ofPlatformThread() {
        return Thread.currentThread().isVirtual() ? null : OF_THREAD.get();
    }
}
