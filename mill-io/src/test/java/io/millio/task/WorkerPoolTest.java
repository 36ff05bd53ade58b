package io.millio.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkerPoolTest {
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final ThreadFactory recording = task -> {
        Thread thread = new Thread(task);
        threads.add(thread);
        return thread;
    };

    @Test
    void argumentsAreNamedWhenTheyAreRefused() {
        assertThatThrownBy(() -> WorkerPool.builder().workers(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("workers: 0");
        assertThatThrownBy(() -> WorkerPool.builder().capacity(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("capacity: -1");
        assertThatThrownBy(() -> WorkerPool.builder()
                        .workers(4)
                        .capacity(3)
                        .queues(Queues.PER_WORKER)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("capacity: 3");
        try (WorkerPool pool = WorkerPool.create(1)) {
            assertThatThrownBy(() -> pool.awaitTermination(Duration.ofNanos(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("timeout: PT-0.000000001S");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anUnusedPoolHasNoThreads(Queues queues) throws InterruptedException {
        WorkerPool pool =
                WorkerPool.builder().queues(queues).threadFactory(recording).build();
        pool.shutdown();
        assertThat(pool.awaitTermination(Duration.ZERO)).isTrue();
        assertThat(threads).isEmpty();
    }

    @Test
    void tasksThatComeOneByOneNeedOneThread() {
        try (WorkerPool pool =
                WorkerPool.builder().workers(4).threadFactory(recording).build()) {
            for (int i = 0; i < 50; i++) {
                CountDownLatch ran = new CountDownLatch(1);
                pool.execute(ran::countDown);
                Waiting.await(ran);
                Waiting.until(() -> Waiting.isParked(threads.get(0)));
            }
            assertThat(threads).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void asManyTasksRunAtOnceAsThereAreWorkers(Queues queues) {
        try (WorkerPool pool = WorkerPool.builder().workers(4).queues(queues).build()) {
            for (int round = 0; round < 20; round++) {
                CountDownLatch meeting = new CountDownLatch(4);
                CountDownLatch met = new CountDownLatch(4);
                for (int i = 0; i < 4; i++) {
                    pool.execute(() -> {
                        meeting.countDown();
                        Waiting.await(meeting);
                        met.countDown();
                    });
                }
                Waiting.await(met);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyTaskIsRunOnce(Queues queues) throws InterruptedException {
        int each = 20_000;
        AtomicInteger ran = new AtomicInteger();
        WorkerPool pool = WorkerPool.builder().workers(3).queues(queues).build();
        Runnable submit = () -> {
            for (int i = 0; i < each; i++) {
                pool.execute(ran::incrementAndGet);
            }
        };
        Thread other = new Thread(submit);
        other.start();
        submit.run();
        other.join();
        pool.close();
        assertThat(ran).hasValue(2 * each);
        assertThat(pool.stats()).isEqualTo(new WorkerPoolStats(2L * each, 2L * each, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @EnumSource
    void noWakeUpIsLostWhenTasksComeOneByOne(Queues queues) {
        try (WorkerPool pool = WorkerPool.builder().workers(2).queues(queues).build()) {
            for (int i = 0; i < 20_000; i++) {
                AtomicBoolean ran = new AtomicBoolean();
                pool.execute(() -> ran.set(true));
                long begin = System.nanoTime();
                while (!ran.get()) {
                    assertThat(System.nanoTime() - begin).isLessThan(Waiting.LONG.toNanos());
                    Thread.onSpinWait();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTaskThatThrowsIsCountedAndReportedAndKillsNoWorker(Queues queues) {
        class OwnError extends Error {
            private static final long serialVersionUID = 1;
        }
        List<Throwable> errors = new CopyOnWriteArrayList<>();
        List<Runnable> failedTasks = new CopyOnWriteArrayList<>();
        WorkerPool pool = WorkerPool.builder()
                .workers(1)
                .queues(queues)
                .threadFactory(recording)
                .errorHandler((task, thrown) -> {
                    failedTasks.add(task);
                    errors.add(thrown);
                })
                .build();
        List<Runnable> tasks = List.of(
                () -> {
                    throw new IllegalStateException("planned");
                },
                WorkerPoolTest::overflow,
                () -> {
                    throw new OwnError();
                },
                () -> sneak(new java.io.IOException("planned")));
        tasks.forEach(pool::execute);
        CountDownLatch ran = new CountDownLatch(1);
        pool.execute(ran::countDown);
        Waiting.await(ran);
        pool.close();
        assertThat(failedTasks).isEqualTo(tasks);
        assertThat(errors)
                .extracting(Throwable::getClass)
                .extracting(Class::getSimpleName)
                .containsExactly("IllegalStateException", "StackOverflowError", "OwnError", "IOException");
        assertThat(pool.stats()).isEqualTo(new WorkerPoolStats(5, 1, 4, 0, 0, 0));
        assertThat(threads).hasSize(1);
    }

    @SuppressWarnings("InfiniteRecursion") // that is the point
    private static void overflow() {
        overflow();
        overflow();
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void anExceptionOfTheErrorHandlerKillsNoWorkerAndGoesToTheUncaughtExceptionHandler() {
        List<Throwable> uncaught = new CopyOnWriteArrayList<>();
        Error planned = new Error("planned");
        WorkerPool pool = WorkerPool.builder()
                .workers(1)
                .threadFactory(task -> {
                    Thread thread = recording.newThread(task);
                    thread.setUncaughtExceptionHandler((where, thrown) -> uncaught.add(thrown));
                    return thread;
                })
                .errorHandler((task, thrown) -> {
                    throw planned;
                })
                .build();
        pool.execute(() -> {
            throw new IllegalStateException();
        });
        pool.execute(() -> {});
        pool.close();
        assertThat(uncaught).containsExactly(planned);
        assertThat(pool.stats().completed()).isEqualTo(1);
        assertThat(threads).hasSize(1);
    }

    @Test
    void anInterruptLeftOverFromATaskDoesNotReachTheNextNorKeepTheWorkerAwake() {
        AtomicBoolean interrupted = new AtomicBoolean();
        try (WorkerPool pool =
                WorkerPool.builder().workers(1).threadFactory(recording).build()) {
            pool.execute(() -> Thread.currentThread().interrupt());
            pool.execute(() -> interrupted.set(Thread.currentThread().isInterrupted()));
            CountDownLatch last = new CountDownLatch(1);
            pool.execute(() -> {
                Thread.currentThread().interrupt();
                last.countDown();
            });
            Waiting.await(last);
            Waiting.until(() -> Waiting.isParked(threads.get(0)));
            assertThat(threads.get(0).isInterrupted()).isFalse();
            threads.get(0).interrupt();
            Waiting.until(() -> !threads.get(0).isInterrupted() && Waiting.isParked(threads.get(0)));
        }
        assertThat(interrupted).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void threadsAreNamedWithNumbersFromOne(Queues queues) {
        Set<String> names = ConcurrentHashMap.newKeySet();
        try (WorkerPool pool =
                WorkerPool.builder().workers(3).queues(queues).name("mill").build()) {
            CountDownLatch meeting = new CountDownLatch(3);
            for (int i = 0; i < 3; i++) {
                pool.execute(() -> {
                    names.add(Thread.currentThread().getName());
                    assertThat(Thread.currentThread().isDaemon()).isFalse();
                    meeting.countDown();
                    Waiting.await(meeting);
                });
            }
        }
        assertThat(names).containsExactlyInAnyOrder("mill-1", "mill-2", "mill-3");
    }

    @ParameterizedTest
    @EnumSource
    void aFullPoolRejects(Queues queues) {
        Gate first = new Gate();
        Gate second = new Gate();
        WorkerPool pool =
                WorkerPool.builder().workers(2).queues(queues).capacity(5).build();
        pool.execute(first);
        pool.execute(second);
        first.awaitEntered();
        second.awaitEntered();
        for (int i = 0; i < 5; i++) {
            pool.execute(() -> {});
        }
        assertThatThrownBy(() -> pool.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("full");
        first.open();
        second.open();
        pool.close();
        assertThat(pool.stats()).isEqualTo(new WorkerPoolStats(7, 7, 0, 1, 0, 0));
    }

    @Test
    void withAQueuePerWorkerTasksAreGivenOutInTurn() {
        Gate gate = new Gate();
        List<String> onOther = new CopyOnWriteArrayList<>();
        try (WorkerPool pool = WorkerPool.builder()
                .workers(2)
                .queues(Queues.PER_WORKER)
                .name("turn")
                .build()) {
            pool.execute(gate);
            gate.awaitEntered();
            for (int i = 0; i < 9; i++) {
                pool.execute(() -> onOther.add(Thread.currentThread().getName()));
            }
            // 5 of the 9 went to the other worker; the rest wait behind the gate
            Waiting.until(() -> onOther.size() == 5);
            assertThat(pool.stats().queued()).isEqualTo(4);
            assertThat(onOther).containsOnly("turn-2");
            gate.open();
        }
        assertThat(onOther).hasSize(9);
    }

    @Test
    void aFirstThreadThatCannotBeMadeRejectsTheTaskAndTheNextTriesAgain() {
        AtomicBoolean refuse = new AtomicBoolean(true);
        WorkerPool pool = WorkerPool.builder()
                .workers(2)
                .threadFactory(task -> {
                    if (refuse.get()) {
                        throw new OutOfMemoryError("planned: no more threads");
                    }
                    return recording.newThread(task);
                })
                .build();
        AtomicInteger ran = new AtomicInteger();
        assertThatThrownBy(() -> pool.execute(ran::incrementAndGet))
                .isInstanceOf(RejectedExecutionException.class)
                .hasCauseInstanceOf(OutOfMemoryError.class);
        refuse.set(false);
        pool.execute(ran::incrementAndGet);
        pool.close();
        assertThat(ran).hasValue(1);
        assertThat(pool.stats()).isEqualTo(new WorkerPoolStats(1, 1, 0, 1, 0, 0));
    }

    @Test
    void laterThreadsThatCannotBeMadeLeaveTheWorkToThoseThatAreThere() {
        AtomicInteger ran = new AtomicInteger();
        WorkerPool pool = WorkerPool.builder()
                .workers(4)
                .threadFactory(task -> threads.isEmpty() ? recording.newThread(task) : null)
                .build();
        for (int i = 0; i < 10_000; i++) {
            pool.execute(ran::incrementAndGet);
        }
        Waiting.until(() -> ran.get() == 10_000);
        pool.close();
        assertThat(threads).hasSize(1);
    }
}
