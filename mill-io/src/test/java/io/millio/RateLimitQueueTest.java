package io.millio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.millio.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RateLimitQueueTest {
    private final AtomicLong now = new AtomicLong();
    private final EventLoop loop = EventLoop.builder()
            .direct()
            .nanoClock(now::get)
            .pollTimeout(Duration.ZERO)
            .errorHandler(error -> failures().add(error.cause()))
            .build();
    private final RateLimiter limiter = RateLimiter.builder()
            .rate(10, Duration.ofSeconds(1))
            .burst(2)
            .nanoClock(now::get)
            .build();
    private final RateLimitQueue queue = new RateLimitQueue(loop, limiter, 3);
    private final List<String> log = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();

    private List<Throwable> failures() {
        return failures;
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private final class Named extends RateLimitQueue.Waiter {
        private final String name;
        private @Nullable Runnable next;

        Named(String name) {
            this.name = name;
        }

        @Override
        protected void onAcquired() {
            log.add(name);
            if (next != null) {
                next.run();
            }
        }

        @Override
        protected void onFailed(Throwable cause) {
            log.add(name + " failed: " + cause.getMessage());
        }
    }

    private void inLoop(Runnable task) {
        loop.execute(task);
        loop.runOnce();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
        loop.runOnce();
    }

    @Test
    void whatIsThereIsHadAtOnceAndOthersWaitInTheirOrder() {
        inLoop(() -> {
            assertThat(queue.acquire(2, new Named("a"))).isTrue();
            assertThat(queue.acquire(2, new Named("b"))).isFalse();
            assertThat(queue.acquire(1, new Named("c"))).isFalse();
        });
        pass(Duration.ofMillis(150));
        assertThat(log).isEmpty();
        pass(Duration.ofMillis(51));
        assertThat(log).containsExactly("b");
        pass(Duration.ofMillis(100));
        assertThat(log).containsExactly("b", "c");
        assertThat(limiter.available()).isZero();
    }

    @Test
    void aCancelledWaitIsPassedOverAndTakesNothing() {
        Named first = new Named("first");
        inLoop(() -> {
            assertThat(queue.acquire(2, new Named("now"))).isTrue();
            assertThat(queue.acquire(2, first)).isFalse();
            assertThat(queue.acquire(1, new Named("second"))).isFalse();
            assertThat(first.cancel()).isTrue();
            assertThat(first.cancel()).isFalse();
            assertThat(first.isWaiting()).isFalse();
            assertThat(queue.waiters()).isEqualTo(1);
        });
        pass(Duration.ofMillis(201));
        pass(Duration.ofMillis(201));
        assertThat(log).containsExactly("second");
    }

    @Test
    void theNextDoesNotWaitForThePermitsOfACancelledFirst() {
        RateLimitQueue large = new RateLimitQueue(
                loop,
                RateLimiter.builder()
                        .rate(10, Duration.ofSeconds(1))
                        .burst(50)
                        .nanoClock(now::get)
                        .build(),
                3);
        Named first = new Named("first");
        inLoop(() -> {
            assertThat(large.acquire(50, new Named("now"))).isTrue();
            assertThat(large.acquire(50, first)).isFalse();
            assertThat(large.acquire(1, new Named("second"))).isFalse();
            assertThat(first.cancel()).isTrue();
        });
        pass(Duration.ofMillis(1));
        assertThat(log).isEmpty();
        pass(Duration.ofMillis(101));
        assertThat(log).containsExactly("second");
    }

    @Test
    void aWaiterCanBeUsedAgainFromItsOwnCall() {
        Named waiter = new Named("again");
        waiter.next = () -> {
            waiter.next = null;
            assertThat(queue.acquire(1, waiter)).isFalse();
        };
        inLoop(() -> {
            assertThat(queue.acquire(2, new Named("now"))).isTrue();
            assertThat(queue.acquire(1, waiter)).isFalse();
        });
        pass(Duration.ofMillis(101));
        pass(Duration.ofMillis(101));
        assertThat(log).containsExactly("again", "again");
    }

    @Test
    void theFutureEndsInTheLoopAndTooManyWaitersAreRefused() {
        List<CompletableFuture<@Nullable Void>> futures = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            futures.add(queue.acquire(1));
        }
        loop.runOnce();
        assertThat(futures.stream().map(CompletableFuture::isDone))
                .containsExactly(true, true, false, false, false, true, true);
        assertThat(futures.get(5)).isCompletedExceptionally();
        assertThat(futures.get(3).cancel(false)).isTrue();
        loop.runOnce();
        pass(Duration.ofMillis(201));
        assertThat(futures.get(2)).isCompleted();
        assertThat(futures.get(4)).isCompleted();
        assertThat(limiter.available()).isZero();
    }

    @Test
    void permitsGrantedToACancelledFutureAreGivenBack() {
        CompletableFuture<@Nullable Void> taken = queue.acquire(2);
        CompletableFuture<@Nullable Void> waiting = queue.acquire(2);
        loop.runOnce();
        assertThat(taken).isCompleted();
        waiting.obtrudeException(new IllegalStateException("given up")); // ended by its holder, no cancellation
        pass(Duration.ofMillis(201));
        assertThat(limiter.available()).isEqualTo(2);
    }

    @Test
    void aSmallerBurstFailsWhoCanNeverBeServedAndAFasterRateServesTheRest() {
        inLoop(() -> {
            assertThat(queue.acquire(2, new Named("now"))).isTrue();
            assertThat(queue.acquire(2, new Named("large"))).isFalse();
            assertThat(queue.acquire(1, new Named("small"))).isFalse();
        });
        limiter.setRate(1_000, Duration.ofSeconds(1), 1);
        inLoop(queue::limitChanged);
        pass(Duration.ofMillis(2));
        pass(Duration.ofMillis(2));
        assertThat(log).containsExactly("large failed: permits: 2, must be at most the burst: 1", "small");
    }

    @Test
    void closingTheLoopFailsAllOnce() {
        CompletableFuture<@Nullable Void> taken = queue.acquire(2);
        CompletableFuture<@Nullable Void> future = queue.acquire(1);
        inLoop(() -> assertThat(queue.acquire(1, new Named("waiter"))).isFalse());
        loop.close();
        assertThat(taken).isCompleted();
        assertThat(future).isCompletedExceptionally();
        assertThat(log).containsExactly("waiter failed: the loop is closed");
        assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> queue.acquire(1));
    }

    @Test
    void aWaiterThatThrowsIsReportedAndHarmsNoOther() {
        Named bad = new Named("bad");
        bad.next = () -> {
            throw new IllegalStateException("thrown by a waiter");
        };
        inLoop(() -> {
            assertThat(queue.acquire(2, new Named("now"))).isTrue();
            assertThat(queue.acquire(1, bad)).isFalse();
            assertThat(queue.acquire(1, new Named("good"))).isFalse();
        });
        pass(Duration.ofMillis(201));
        assertThat(log).containsExactly("bad", "good");
        assertThat(failures).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void wrongUseIsAnErrorThatChangesNothing() {
        Named waiter = new Named("waiter");
        assertThatIllegalStateException().isThrownBy(() -> queue.acquire(1, waiter));
        assertThatIllegalArgumentException().isThrownBy(() -> queue.acquire(3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RateLimitQueue(loop, limiter, 0))
                .withMessage("maxWaiters: 0, must be at least 1");
        inLoop(() -> {
            assertThatIllegalArgumentException().isThrownBy(() -> queue.acquire(0, waiter));
            assertThat(queue.acquire(2, waiter)).isTrue();
            assertThat(queue.acquire(2, waiter)).isFalse();
            assertThatIllegalStateException().isThrownBy(() -> queue.acquire(1, waiter));
            assertThat(queue.waiters()).isEqualTo(1);
        });
    }
}
