package io.millio.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TaskQueueClosingTest {
    private static final int CHUNK = 4;

    private final TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, CHUNK, true);
    private final List<Integer> ran = new ArrayList<>();

    private Runnable task(int number) {
        return () -> ran.add(number);
    }

    private void drain() {
        for (Runnable task; (task = queue.poll()) != null; ) {
            task.run();
        }
    }

    @Test
    void givesWhatWasOfferedInOrderAcrossChunks() {
        assertThat(queue.isEmpty()).isTrue();
        for (int i = 0; i < 3 * CHUNK + 1; i++) {
            assertThat(queue.offer(task(i))).isEqualTo(TaskQueue.Offer.TAKEN);
            assertThat(queue.isEmpty()).isFalse();
        }

        drain();

        assertThat(ran).hasSize(3 * CHUNK + 1).isSorted();
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.poll()).isNull();
    }

    @Test
    void isEmptyAtTheEndOfAChunkAndGoesOnInTheNext() {
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < CHUNK; i++) {
                queue.offer(task(i));
            }
            drain();
            assertThat(queue.isEmpty()).isTrue();
        }
        assertThat(ran).hasSize(3 * CHUNK);
    }

    @Test
    void refusesAfterCloseAndStillGivesWhatItTookBefore() {
        for (int taken = 0; taken <= 2 * CHUNK; taken++) {
            TaskQueue closing = new TaskQueue(TaskQueue.UNBOUNDED, CHUNK, true);
            for (int i = 0; i < taken; i++) {
                closing.offer(task(i));
            }
            ran.clear();

            closing.close();
            closing.close();

            for (int i = 0; i < 2 * CHUNK; i++) {
                assertThat(closing.offer(task(-1)))
                        .as("an offer after close, %s taken before", taken)
                        .isEqualTo(TaskQueue.Offer.CLOSED);
            }
            for (Runnable task; (task = closing.poll()) != null; ) {
                task.run();
            }
            assertThat(ran).hasSize(taken).isSorted().doesNotContain(-1);
        }
    }

    @Test
    void takesOrRefusesEachTaskOfManyProducersWhileItIsClosed() throws InterruptedException {
        int producers = 3;
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        for (int round = 0; round < 200; round++) {
            TaskQueue shared = new TaskQueue(TaskQueue.UNBOUNDED, CHUNK, true);
            List<Thread> threads = new ArrayList<>();
            for (int p = 0; p < producers; p++) {
                threads.add(new Thread(() -> {
                    for (int i = 0; i < 1000 && shared.offer(done::incrementAndGet) == TaskQueue.Offer.TAKEN; i++) {
                        taken.incrementAndGet();
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (int i = 0; i < 10 * round; i++) {
                Runnable task = shared.poll();
                if (task != null) {
                    task.run();
                }
            }
            shared.close();
            for (Runnable task; (task = shared.poll()) != null; ) {
                task.run();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(done.get()).as("tasks that ran, of those taken").isEqualTo(taken.get());
        }
    }
}
