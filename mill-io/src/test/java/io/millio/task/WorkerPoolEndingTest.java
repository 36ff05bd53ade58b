package io.millio.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkerPoolEndingTest {
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final ThreadFactory recording = task -> {
        Thread thread = new Thread(task);
        threads.add(thread);
        return thread;
    };

    @ParameterizedTest
    @EnumSource
    void closeRunsWhatIsQueuedAndLeavesNoThreads(Queues queues) {
        AtomicInteger ran = new AtomicInteger();
        WorkerPool pool = WorkerPool.builder()
                .workers(2)
                .queues(queues)
                .threadFactory(recording)
                .build();
        for (int i = 0; i < 1000; i++) {
            pool.execute(ran::incrementAndGet);
        }
        pool.close();
        pool.close();
        assertThat(ran).hasValue(1000);
        assertThat(threads).isNotEmpty().noneMatch(Thread::isAlive);
        assertThatThrownBy(() -> pool.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("shut down");
        assertThat(pool.stats().rejected()).isEqualTo(1);
    }

    @Test
    void closeOnAWorkerDoesNotWaitForItself() throws InterruptedException {
        WorkerPool pool = WorkerPool.create(2);
        List<Boolean> ended = new CopyOnWriteArrayList<>();
        pool.execute(() -> {
            pool.close();
            try {
                ended.add(pool.awaitTermination(Waiting.LONG));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(pool.awaitTermination(Waiting.LONG)).isTrue();
        assertThat(ended).containsExactly(false);
    }

    @Test
    void closeWaitsAlthoughInterruptedAndKeepsTheInterrupt() {
        WorkerPool pool = WorkerPool.create(1);
        Gate gate = new Gate();
        pool.execute(gate);
        gate.awaitEntered();
        AtomicBoolean kept = new AtomicBoolean();
        AtomicBoolean closed = new AtomicBoolean();
        Thread closer = new Thread(() -> {
            Thread.currentThread().interrupt();
            pool.close();
            closed.set(true);
            kept.set(Thread.currentThread().isInterrupted());
        });
        closer.start();
        Waiting.until(
                () -> closer.getState() == Thread.State.TIMED_WAITING || closer.getState() == Thread.State.WAITING);
        assertThat(closed).isFalse();
        gate.open();
        Waiting.until(() -> !closer.isAlive());
        assertThat(kept).isTrue();
    }

    @Test
    void awaitTerminationReturnsFalseAtTheDeadline() throws InterruptedException {
        try (WorkerPool pool = WorkerPool.create(1)) {
            Gate gate = new Gate();
            pool.execute(gate);
            pool.shutdown();
            assertThat(pool.awaitTermination(Duration.ofMillis(1))).isFalse();
            gate.open();
            assertThat(pool.awaitTermination(Waiting.LONG)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void drainReturnsWhatHasNotStarted(Queues queues) throws InterruptedException {
        WorkerPool pool = WorkerPool.builder()
                .workers(1)
                .queues(queues)
                .threadFactory(recording)
                .build();
        Gate gate = new Gate();
        pool.execute(gate);
        gate.awaitEntered();
        List<Runnable> waiting = IntStream.range(0, 700)
                .<Runnable>mapToObj(i -> () -> {
                    throw new AssertionError("ran task " + i);
                })
                .toList();
        waiting.forEach(pool::execute);
        assertThat(pool.stats()).isEqualTo(new WorkerPoolStats(701, 0, 0, 0, 700, 1));
        assertThat(pool.drain()).isEqualTo(waiting);
        gate.open();
        assertThat(pool.awaitTermination(Waiting.LONG)).isTrue();
        assertThat(pool.stats()).isEqualTo(new WorkerPoolStats(701, 1, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @EnumSource
    void aSubmissionThatRacesWithTheEndIsRunOrReturnedOrRejected(Queues queues) throws InterruptedException {
        for (int round = 0; round < 1500; round++) {
            WorkerPool pool = WorkerPool.builder()
                    .workers(2)
                    .queues(queues)
                    .threadFactory(recording)
                    .build();
            boolean drain = round % 2 == 0;
            AtomicInteger ran = new AtomicInteger();
            AtomicInteger accepted = new AtomicInteger();
            AtomicInteger refused = new AtomicInteger();
            Runnable submit = () -> {
                for (int i = 0; i < 20; i++) {
                    try {
                        pool.execute(ran::incrementAndGet);
                        accepted.incrementAndGet();
                    } catch (RejectedExecutionException e) {
                        refused.incrementAndGet();
                    }
                }
            };
            List<Thread> submitters = new ArrayList<>(List.of(new Thread(submit), new Thread(submit)));
            submitters.forEach(Thread::start);
            if (round % 4 < 2) {
                Waiting.until(() -> accepted.get() > 0);
            }
            int returned = 0;
            if (drain) {
                returned = pool.drain().size();
            }
            pool.close();
            for (Thread thread : submitters) {
                thread.join();
            }
            assertThat(ran.get() + returned).as("round %d", round).isEqualTo(accepted.get());
            assertThat(accepted.get() + refused.get()).isEqualTo(40);
            assertThat(pool.stats()).isEqualTo(new WorkerPoolStats(accepted.get(), ran.get(), 0, refused.get(), 0, 0));
            assertThat(threads).noneMatch(Thread::isAlive);
            threads.clear();
        }
    }
}
