package io.millio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Something that other threads change and the loop brings up to date in its turn: a registration or a timer. An element
 * of the {@link UpdateQueue}, linked through a field of its own, so that to queue it allocates nothing and cannot fail.
 * Package-private and no {@link Runnable}: programs hold these objects, and must not be able to run them.
 */
abstract class LoopUpdate {
    private static final int MAX_QUEUED_DURING_SLEEP = 1024;

    static final VarHandle NEXT;

    static {
        try {
            NEXT = MethodHandles.lookup().findVarHandle(LoopUpdate.class, "nextUpdate", LoopUpdate.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Null while not queued. Claimed from null by compare-and-set; set to null by the loop before it calls update(), so
    // that a change which finds the element queued is seen by that call, and a later one queues it again.
    volatile @Nullable LoopUpdate nextUpdate;

    // How many were queued before it and not taken yet. Written by the thread that queues it, before the element is
    // visible to others; it reads that of another element, which may be queued anew meanwhile: an estimate then.
    int queuedBefore;

    /**
     * Returns whether the queue is long: what is scheduled and cancelled during a sleep must not pile up until its end.
     */
    final boolean isFarBehind() {
        return queuedBefore >= MAX_QUEUED_DURING_SLEEP;
    }

    /** Applies what has changed. In the turn. */
    abstract void update();

    /** An update has thrown. In the turn. */
    abstract void failed(Throwable why);
}
