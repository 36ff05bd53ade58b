package io.millio.internal;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
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
        if (timeout > 0) {
            checkWait();
        }
        return super.get(timeout, unit);
    }

    // ---- one of two: the other one may be completed by another thread, so that the result can be waited for

    private CompletableFuture<T> plain() {
        return minimalCompletionStage().toCompletableFuture();
    }

    @Override
    public final <U> CompletableFuture<U> applyToEither(
            CompletionStage<? extends T> other, Function<? super T, U> action) {
        return plain().applyToEither(other, action);
    }

    @Override
    public final <U> CompletableFuture<U> applyToEitherAsync(
            CompletionStage<? extends T> other, Function<? super T, U> action) {
        return plain().applyToEitherAsync(other, action);
    }

    @Override
    public final <U> CompletableFuture<U> applyToEitherAsync(
            CompletionStage<? extends T> other, Function<? super T, U> action, Executor executor) {
        return plain().applyToEitherAsync(other, action, executor);
    }

    @Override
    public final CompletableFuture<Void> acceptEither(CompletionStage<? extends T> other, Consumer<? super T> action) {
        return plain().acceptEither(other, action);
    }

    @Override
    public final CompletableFuture<Void> acceptEitherAsync(
            CompletionStage<? extends T> other, Consumer<? super T> action) {
        return plain().acceptEitherAsync(other, action);
    }

    @Override
    public final CompletableFuture<Void> acceptEitherAsync(
            CompletionStage<? extends T> other, Consumer<? super T> action, Executor executor) {
        return plain().acceptEitherAsync(other, action, executor);
    }

    @Override
    public final CompletableFuture<Void> runAfterEither(CompletionStage<?> other, Runnable action) {
        return plain().runAfterEither(other, action);
    }

    @Override
    public final CompletableFuture<Void> runAfterEitherAsync(CompletionStage<?> other, Runnable action) {
        return plain().runAfterEitherAsync(other, action);
    }

    @Override
    public final CompletableFuture<Void> runAfterEitherAsync(
            CompletionStage<?> other, Runnable action, Executor executor) {
        return plain().runAfterEitherAsync(other, action, executor);
    }
}
