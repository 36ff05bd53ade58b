package io.millio;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.task.Priority;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** To wait in the turn for what only the turn completes fails at once. */
class LoopFutureTest {
    private interface Wait {
        void on(CompletableFuture<?> future) throws Exception;
    }

    private static Wait way(String name) {
        return switch (name) {
            case "join" -> CompletableFuture::join;
            case "get" -> CompletableFuture::get;
            case "get with a timeout" -> future -> future.get(1, TimeUnit.HOURS);
            case "a dependent one" ->
                future -> future.thenApply(Function.identity()).join();
            default ->
                future -> future.thenRunAsync(() -> {})
                        .thenCombine(future, (none, value) -> value)
                        .get();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"join", "get", "get with a timeout", "a dependent one", "an asynchronous one"})
    void aWaitInTheTurnFails(String name) throws Exception {
        try (EventLoop loop = EventLoop.builder().direct().name("mine").build()) {
            loop.start();
            CountDownLatch never = new CountDownLatch(1);
            CompletableFuture<@Nullable Throwable> thrown = new CompletableFuture<>();
            loop.execute(() -> {
                CompletableFuture<Integer> future = loop.compute(Priority.NORMAL, () -> {
                    never.await();
                    return 1;
                });
                try {
                    way(name).on(future);
                    thrown.complete(null);
                } catch (Throwable t) {
                    thrown.complete(t);
                } finally {
                    never.countDown();
                }
            });
            assertThat(thrown.get())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in the turn of loop mine");
        }
    }

    @Test
    void aShutdownIsNotWaitedForInTheTurnEither() throws Exception {
        EventLoop loop = EventLoop.builder().direct().build();
        loop.start();
        CompletableFuture<@Nullable Throwable> thrown = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                loop.shutdown(Duration.ofHours(1)).join();
                thrown.complete(null);
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
        assertThat(loop.shutdown(Duration.ofHours(1)).get()).isTrue();
    }

    @Test
    void otherThreadsAndOtherLoopsWait() throws Exception {
        try (EventLoop loop = EventLoop.builder().direct().build();
                EventLoop other = EventLoop.builder().direct().build()) {
            loop.start();
            other.start();
            CompletableFuture<Integer> future = loop.compute(Priority.NORMAL, () -> 1);
            CompletableFuture<Integer> there = new CompletableFuture<>();
            other.execute(() -> there.complete(future.join()));
            assertThat(there.get()).isEqualTo(1);
            assertThat(future.join()).isEqualTo(1);
        }
    }

    @Test
    void whatDoesNotWaitOrWaitsForAnotherThreadIsAllowed() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (EventLoop loop = EventLoop.builder().direct().build()) {
            loop.start();
            CompletableFuture<Integer> elsewhere = new CompletableFuture<>();
            CompletableFuture<Integer> either = new CompletableFuture<>();
            CompletableFuture<@Nullable Throwable> polled = new CompletableFuture<>();
            loop.execute(() -> {
                CompletableFuture<Integer> future = loop.compute(Priority.NORMAL, () -> {
                    never.await();
                    return 1;
                });
                try {
                    future.get(0, TimeUnit.NANOSECONDS);
                } catch (Throwable t) {
                    polled.complete(t);
                }
                CompletableFuture<Integer> first = future.applyToEither(elsewhere, Function.identity());
                CompletableFuture<Void> accepted = future.acceptEither(elsewhere, value -> {});
                CompletableFuture<Void> run = future.runAfterEither(elsewhere, () -> {});
                elsewhere.completeAsync(() -> 2);
                try {
                    accepted.join();
                    run.join();
                    either.complete(first.join());
                } catch (Throwable t) {
                    either.completeExceptionally(t);
                }
            });
            assertThat(polled.get()).isInstanceOf(TimeoutException.class);
            assertThat(either.get()).isEqualTo(2);
            never.countDown();
        }
    }

    @Test
    void aCompleteOneIsReadInTheTurn() throws Exception {
        try (EventLoop loop = EventLoop.builder().direct().build()) {
            loop.start();
            CompletableFuture<Integer> future = loop.compute(Priority.NORMAL, () -> 1);
            assertThat(future.get()).isEqualTo(1);
            CompletableFuture<Integer> read = new CompletableFuture<>();
            loop.execute(() -> read.complete(future.join()));
            assertThat(read.get()).isEqualTo(1);
        }
    }
}
