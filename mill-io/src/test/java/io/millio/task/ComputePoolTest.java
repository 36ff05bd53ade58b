package io.millio.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ComputePoolTest {
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final List<String> order = new CopyOnWriteArrayList<>();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final AtomicLong now = new AtomicLong();

    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    @AfterEach
    void endThread() {
        thread.shutdown();
    }

    private ComputePoolBuilder oneWorker() {
        return ComputePool.builder()
                .workers(1)
                .nanoClock(now::get)
                .threadFactory(task -> {
                    Thread thread = new Thread(task);
                    threads.add(thread);
                    return thread;
                })
                .errorHandler((task, thrown) -> errors.add(thrown));
    }

    /** Without the thread for urgent tasks: all run one after the other. */
    private ComputePoolBuilder oneThread() {
        return oneWorker().executor(thread);
    }

    private static Gate occupy(ComputePool pool) {
        Gate gate = new Gate();
        pool.execute(Priority.NORMAL, gate);
        gate.awaitEntered();
        return gate;
    }

    private CompletableFuture<String> record(ComputePool pool, Priority priority, String name) {
        return pool.compute(priority, () -> {
            order.add(name);
            return name;
        });
    }

    @Test
    void argumentsAreNamedWhenTheyAreRefused() {
        assertThatThrownBy(() -> ComputePool.builder().workers(0)).hasMessageContaining("workers: 0");
        assertThatThrownBy(() -> ComputePool.builder().capacity(0)).hasMessageContaining("capacity: 0");
        assertThatThrownBy(() -> ComputePool.builder().aging(0)).hasMessageContaining("tasks: 0");
    }

    @Test
    void anUnusedPoolHasNoThreads() {
        oneWorker().build().close();
        assertThat(threads).isEmpty();
    }

    @Test
    void theResultCompletesTheFutureAndWhatIsThrownFailsItAndKillsNoWorker() {
        ComputePool pool = oneWorker().build();
        assertThat(pool.compute(Priority.NORMAL, () -> 42))
                .succeedsWithin(Waiting.LONG)
                .isEqualTo(42);
        List<Throwable> thrown = List.of(new Exception("planned"), new StackOverflowError(), new AssertionError());
        for (Throwable t : thrown) {
            CompletableFuture<Object> future = pool.compute(Priority.HIGH, () -> {
                if (t instanceof Exception e) {
                    throw e;
                }
                throw (Error) t;
            });
            assertThatThrownBy(() -> future.get(30, TimeUnit.SECONDS)).hasCause(t);
        }
        pool.close();
        assertThat(threads).hasSizeBetween(1, 2).noneMatch(Thread::isAlive);
        assertThat(errors).isEmpty();
        assertThat(pool.stats().completed()).isEqualTo(1);
        assertThat(pool.stats().failed()).isEqualTo(3);
    }

    @Test
    void anExceptionOfAPlainTaskIsReportedToTheErrorHandler() {
        ComputePool pool = oneWorker().build();
        Error planned = new Error("planned");
        pool.executor(Priority.LOW).execute(() -> {
            throw planned;
        });
        pool.execute(Priority.LOW, () -> order.add("next"));
        pool.close();
        assertThat(errors).containsExactly(planned);
        assertThat(order).containsExactly("next");
        assertThat(pool.stats().failed()).isEqualTo(1);
        assertThat(threads).hasSizeBetween(1, 2);
    }

    @Test
    void theMoreUrgentGoesFirstAndWithinOnePriorityTheOlder() {
        ComputePool pool = oneThread().build();
        Gate gate = occupy(pool);
        for (Priority priority : List.of(Priority.LOW, Priority.HIGH, Priority.CRITICAL, Priority.NORMAL)) {
            for (int i = 1; i <= 2; i++) {
                pool.execute(priority, append(priority + "-" + i));
            }
        }
        assertThat(pool.stats().depth())
                .isEqualTo(Map.of(Priority.LOW, 2, Priority.NORMAL, 2, Priority.HIGH, 2, Priority.CRITICAL, 2));
        gate.open();
        pool.close();
        assertThat(order)
                .containsExactly(
                        "CRITICAL-1", "CRITICAL-2", "HIGH-1", "HIGH-2", "NORMAL-1", "NORMAL-2", "LOW-1", "LOW-2");
    }

    private Runnable append(String name) {
        return () -> order.add(name);
    }

    @Test
    void afterSoManyTasksThatWentBeforeItTheOldestLowerOneHasItsTurn() {
        ComputePool pool = oneThread().aging(3).build();
        Gate gate = occupy(pool);
        pool.execute(Priority.LOW, append("low-1"));
        pool.execute(Priority.NORMAL, append("normal"));
        pool.execute(Priority.LOW, append("low-2"));
        for (int i = 1; i <= 8; i++) {
            pool.execute(Priority.HIGH, append("high-" + i));
        }
        gate.open();
        pool.close();
        assertThat(order)
                .containsExactly(
                        "high-1", "high-2", "high-3", "low-1", "high-4", "high-5", "high-6", "normal", "high-7",
                        "high-8", "low-2");
    }

    @Test
    void aFullPoolRejectsAndACancelledTaskFreesItsPlaceAtOnce() {
        ComputePool pool = oneWorker().capacity(2).build();
        Gate gate = occupy(pool);
        CompletableFuture<String> first = record(pool, Priority.LOW, "first");
        pool.execute(Priority.LOW, append("second"));
        assertThatThrownBy(() -> record(pool, Priority.NORMAL, "third"))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("full");
        assertThat(first.cancel(true)).isTrue();
        pool.execute(Priority.NORMAL, append("fourth"));
        gate.open();
        pool.close();
        assertThat(order).containsExactly("fourth", "second");
        assertThatThrownBy(() -> record(pool, Priority.LOW, "late"))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("shut down");
        ComputePoolStats stats = pool.stats();
        assertThat(stats.submitted()).isEqualTo(4);
        assertThat(stats.completed()).isEqualTo(3);
        assertThat(stats.cancelled()).isEqualTo(1);
        assertThat(stats.rejected()).isEqualTo(2);
        assertThat(stats.active()).isZero();
    }

    @Test
    void aCancelledTaskNeverRunsAndIsCountedOnce() {
        ComputePool pool = oneWorker().build();
        Gate gate = occupy(pool);
        List<CompletableFuture<String>> futures = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            futures.add(record(pool, Priority.NORMAL, "task-" + i));
        }
        AtomicInteger cancellations = new AtomicInteger();
        for (int i : new int[] {0, 2, 4}) {
            CompletableFuture<String> dependent =
                    futures.get(i).whenComplete((value, thrown) -> cancellations.incrementAndGet());
            assertThat(futures.get(i).cancel(false)).isTrue();
            assertThat(futures.get(i).cancel(false)).isTrue();
            assertThat(futures.get(i)).isCancelled();
            assertThat(dependent).isCompletedExceptionally();
        }
        gate.open();
        pool.close();
        assertThat(order).containsExactly("task-1", "task-3");
        assertThat(pool.stats().cancelled()).isEqualTo(3);
        assertThat(cancellations).hasValue(3);
    }

    @Test
    void aRunningTaskIsNeitherCancelledNorInterrupted() {
        ComputePool pool = oneWorker().build();
        Gate gate = new Gate();
        CompletableFuture<Boolean> future = pool.compute(Priority.NORMAL, () -> {
            gate.run();
            return Thread.currentThread().isInterrupted();
        });
        gate.awaitEntered();
        assertThat(future.cancel(true)).isFalse();
        assertThat(future).isNotDone();
        assertThat(pool.stats().active()).isEqualTo(1);
        gate.open();
        assertThat(future).succeedsWithin(Waiting.LONG).isEqualTo(false);
        assertThat(future.cancel(true)).isFalse();
        pool.close();
        assertThat(pool.stats().cancelled()).isZero();
    }

    @Test
    void completingTheFutureFromOutsideTakesTheTaskOut() {
        ComputePool pool = oneWorker().build();
        Gate gate = occupy(pool);
        CompletableFuture<String> future = record(pool, Priority.NORMAL, "task");
        CompletableFuture<String> timedOut =
                record(pool, Priority.NORMAL, "slow").orTimeout(1, TimeUnit.NANOSECONDS);
        assertThat(future.complete("mine")).isTrue();
        assertThatThrownBy(timedOut::join).isInstanceOf(CompletionException.class);
        Waiting.until(() -> pool.stats().cancelled() == 2);
        gate.open();
        pool.close();
        assertThat(order).isEmpty();
        assertThat(future).isCompletedWithValue("mine");
    }

    @Test
    void cancellingAgainstStartingDoesOneOfTheTwo() throws InterruptedException {
        try (ComputePool pool = ComputePool.create(1)) {
            int cancelled = 0;
            for (int i = 0; i < 5000; i++) {
                AtomicInteger ran = new AtomicInteger();
                CompletableFuture<Integer> future = pool.compute(Priority.NORMAL, ran::incrementAndGet);
                AtomicInteger success = new AtomicInteger();
                Thread other = i % 10 == 0 ? new Thread(() -> success.addAndGet(future.cancel(true) ? 1 : 0)) : null;
                if (other != null) {
                    other.start();
                }
                boolean mine = future.cancel(true);
                if (other != null) {
                    other.join();
                    assertThat(success.get() == 1).isEqualTo(mine);
                }
                if (mine) {
                    cancelled++;
                    assertThat(future).isCancelled();
                    assertThat(ran).hasValue(0);
                } else {
                    assertThat(future).succeedsWithin(Waiting.LONG).isEqualTo(1);
                }
            }
            assertThat(pool.stats().cancelled()).isEqualTo(cancelled);
            Waiting.until(() -> pool.stats().completed() + pool.stats().cancelled() == 5000);
        }
    }

    @Test
    void callbacksRunOnTheExecutorThatWasNamed() {
        List<Runnable> loop = new CopyOnWriteArrayList<>();
        ComputePool pool = oneWorker().build();
        CompletableFuture<String> future = pool.compute(Priority.NORMAL, () -> "value", loop::add);
        CompletableFuture<Thread> callback = future.thenApply(value -> Thread.currentThread());
        CompletableFuture<Object> failing = pool.compute(
                Priority.NORMAL,
                () -> {
                    throw new IllegalStateException("planned");
                },
                loop::add);
        pool.close();
        assertThat(future).isNotDone();
        assertThat(future.cancel(true)).isFalse();
        assertThat(loop).hasSize(2);
        loop.forEach(Runnable::run);
        assertThat(future).isCompletedWithValue("value");
        assertThat(callback).isCompletedWithValue(Thread.currentThread());
        assertThat(failing).isCompletedExceptionally();
    }

    @Test
    void aCallbackExecutorThatRefusesDoesNotLoseTheResult() {
        try (ComputePool pool = oneWorker().build()) {
            CompletableFuture<String> future = pool.compute(Priority.NORMAL, () -> "value", task -> {
                throw new RejectedExecutionException("planned");
            });
            assertThat(future).succeedsWithin(Waiting.LONG).isEqualTo("value");
        }
    }

    @Test
    void shutdownRunsWhatIsQueued() throws InterruptedException {
        ComputePool pool = oneWorker().build();
        Gate gate = occupy(pool);
        for (int i = 0; i < 100; i++) {
            pool.execute(Priority.LOW, append("task"));
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(Duration.ZERO)).isFalse();
        gate.open();
        assertThat(pool.awaitTermination(Waiting.LONG)).isTrue();
        assertThat(order).hasSize(100);
        assertThat(threads).noneMatch(Thread::isAlive);
    }

    @Test
    void atTheDeadlineOfCloseWhatHasNotStartedIsCancelledOnce() throws InterruptedException {
        ComputePool pool = oneWorker().build();
        Gate gate = occupy(pool);
        List<Runnable> loop = new CopyOnWriteArrayList<>();
        CompletableFuture<String> here = record(pool, Priority.LOW, "here");
        CompletableFuture<String> there = pool.compute(Priority.LOW, () -> "there", loop::add);
        pool.execute(Priority.LOW, append("plain"));
        assertThat(pool.close(Duration.ofMillis(1))).isFalse();
        assertThat(here).isCancelled();
        assertThat(there).isNotDone();
        loop.forEach(Runnable::run);
        assertThat(there).isCancelled();
        assertThat(errors).singleElement().isInstanceOf(java.util.concurrent.CancellationException.class);
        assertThat(pool.close(Duration.ZERO)).isFalse();
        gate.open();
        assertThat(pool.awaitTermination(Waiting.LONG)).isTrue();
        assertThat(pool.close(Duration.ZERO)).isTrue();
        assertThat(order).isEmpty();
        assertThat(pool.stats().cancelled()).isEqualTo(3);
    }

    @Test
    void executionTimeIsCountedByTheClockThatWasGiven() {
        ComputePool pool = oneWorker().build();
        pool.execute(Priority.NORMAL, () -> now.addAndGet(70));
        pool.execute(Priority.NORMAL, () -> now.addAndGet(30));
        pool.close();
        assertThat(pool.stats().executionNanos()).isEqualTo(100);
        assertThat(pool.stats().maxExecutionNanos()).isEqualTo(70);
    }

    @Test
    void closeOnAWorkerDoesNotWaitForItself() throws InterruptedException {
        ComputePool pool = oneWorker().build();
        Gate gate = occupy(pool);
        CompletableFuture<Boolean> closed = pool.compute(Priority.NORMAL, () -> pool.close(Waiting.LONG));
        CompletableFuture<String> behind = record(pool, Priority.NORMAL, "behind");
        pool.execute(Priority.HIGH, pool::close);
        gate.open();
        assertThat(closed).succeedsWithin(Waiting.LONG).isEqualTo(false);
        assertThat(behind).isCancelled();
        pool.close();
        assertThat(threads).noneMatch(Thread::isAlive);
    }

    @Test
    void aSubmissionThatRacesWithTheEndIsRunOrCancelledOrRejected() throws InterruptedException {
        for (int round = 0; round < 1500; round++) {
            ComputePool pool = ComputePool.builder().workers(2).build();
            AtomicInteger ran = new AtomicInteger();
            AtomicInteger refused = new AtomicInteger();
            Queue<CompletableFuture<Integer>> futures = new ConcurrentLinkedQueue<>();
            Runnable submit = () -> {
                for (int i = 0; i < 20; i++) {
                    try {
                        futures.add(pool.compute(Priority.NORMAL, ran::incrementAndGet));
                    } catch (RejectedExecutionException e) {
                        refused.incrementAndGet();
                    }
                }
            };
            List<Thread> submitters = List.of(new Thread(submit), new Thread(submit));
            submitters.forEach(Thread::start);
            if (round % 2 == 0) {
                pool.close(Duration.ZERO);
            }
            pool.close();
            for (Thread thread : submitters) {
                thread.join();
            }
            long cancelled =
                    futures.stream().filter(CompletableFuture::isCancelled).count();
            assertThat(futures).allMatch(CompletableFuture::isDone);
            assertThat(ran.get() + cancelled).as("round %d", round).isEqualTo(futures.size());
            assertThat(futures.size() + refused.get()).isEqualTo(40);
            assertThat(pool.stats().completed()).isEqualTo(ran.get());
            assertThat(pool.stats().cancelled()).isEqualTo(cancelled);
            assertThat(pool.stats().rejected()).isEqualTo(refused.get());
        }
    }
}
