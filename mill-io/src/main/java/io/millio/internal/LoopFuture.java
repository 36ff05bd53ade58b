package io.millio.internal;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A future that only a certain loop completes: to wait for it in the turn of that loop, or for one that depends on it,
 * would last for ever, and fails instead. Any thread.
 */
public class LoopFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    private final Object loop; // or a collection of them: each has to do its part
    private final CompletableFuture<?> completedByLoop; // this one, or the one that it depends on

    /**
     * Creates a future that is not complete.
     *
     * @param loop the loop, or the collection of loops each of which is needed
     */
    public LoopFuture(Object loop) {
        this.loop = loop;
        this.completedByLoop = this;
    }

    private LoopFuture(LoopFuture<?> source) {
        this.loop = source.loop;
        this.completedByLoop = source.completedByLoop;
    }

    @Override
    public final <U> CompletableFuture<U> newIncompleteFuture() {
        return new LoopFuture<>(this);
    }

    private void checkWait() {
        if (isDone() || completedByLoop.isDone()) {
            return;
        }
        Object driven = DrivenLoop.get();
        if (driven != null && (driven == loop || loop instanceof Collection<?> loops && loops.contains(driven))) {
            throw new IllegalStateException(
                    "waiting in the turn of loop " + driven + " for what only this loop completes"
                            + " would last for ever: attach a callback, or wait on another thread");
        }
    }

    @Override
    public final T join() {
        checkWait();
        return super.join();
    }

    @Override
    public final T get() throws InterruptedException, ExecutionException {
        checkWait();
        return super.get();
    }

    @Override
    public final T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        checkWait();
        return super.get(timeout, unit);
    }
}
