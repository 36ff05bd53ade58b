package io.millio.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskQueueTest {
    /** A task that knows who submitted it, and as which. */
    private record Numbered(int producer, int number) implements Runnable {
        @Override
        public void run() {}
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 512})
    void tasksComeOutInOrder(int chunkTasks) {
        TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, chunkTasks, false);
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 7; i++) {
                assertThat(queue.offer(new Numbered(0, i))).isEqualTo(TaskQueue.Offer.TAKEN);
            }
            assertThat(queue.offered() - queue.taken()).isEqualTo(7);
            for (int i = 0; i < 7; i++) {
                assertThat(queue.isEmpty()).isFalse();
                assertThat(queue.poll()).isEqualTo(new Numbered(0, i));
            }
            assertThat(queue.isEmpty()).isTrue();
            assertThat(queue.poll()).isNull();
        }
        assertThat(queue.offered()).isEqualTo(35);
        assertThat(queue.taken()).isEqualTo(35);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 512})
    void aClosedQueueRefusesAndIsDrainedWhenEmpty(int chunkTasks) {
        TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, chunkTasks, false);
        queue.offer(new Numbered(0, 0));
        queue.offer(new Numbered(0, 1));
        assertThat(queue.isDrained()).isFalse();
        queue.close();
        queue.close();
        assertThat(queue.offer(new Numbered(0, 2))).isEqualTo(TaskQueue.Offer.CLOSED);
        assertThat(queue.isDrained()).isFalse();
        assertThat(queue.poll()).isEqualTo(new Numbered(0, 0));
        assertThat(queue.isDrained()).isFalse();
        assertThat(queue.poll()).isEqualTo(new Numbered(0, 1));
        assertThat(queue.poll()).isNull();
        assertThat(queue.isDrained()).isTrue();
        assertThat(queue.offered()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 512})
    void theCapacityIsExact(int chunkTasks) {
        TaskQueue queue = new TaskQueue(3, chunkTasks, false);
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 3; i++) {
                assertThat(queue.offer(new Numbered(0, i))).isEqualTo(TaskQueue.Offer.TAKEN);
            }
            assertThat(queue.offer(new Numbered(0, 3))).isEqualTo(TaskQueue.Offer.FULL);
            assertThat(queue.poll()).isNotNull();
            assertThat(queue.offer(new Numbered(0, 3))).isEqualTo(TaskQueue.Offer.TAKEN);
            assertThat(queue.offer(new Numbered(0, 4))).isEqualTo(TaskQueue.Offer.FULL);
            for (int i = 0; i < 3; i++) {
                assertThat(queue.poll()).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 512})
    void eachTaskComesOutOnceAndInTheOrderOfItsProducer(int chunkTasks) throws InterruptedException {
        int producers = 2;
        int each = 20_000;
        TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, chunkTasks, false);
        AtomicIntegerArray seen = new AtomicIntegerArray(producers * each);
        AtomicIntegerArray disorders = new AtomicIntegerArray(1);
        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < producers; p++) {
            int producer = p;
            threads.add(new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    queue.offer(new Numbered(producer, i));
                }
            }));
        }
        List<Thread> consumers = new ArrayList<>();
        for (int c = 0; c < 2; c++) {
            consumers.add(new Thread(() -> {
                int[] last = {-1, -1};
                while (!queue.isDrained()) {
                    if (queue.poll() instanceof Numbered task) {
                        seen.incrementAndGet(task.producer * each + task.number);
                        if (task.number <= last[task.producer]) {
                            disorders.incrementAndGet(0);
                        }
                        last[task.producer] = task.number;
                    } else {
                        Thread.onSpinWait();
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        consumers.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        queue.close();
        for (Thread thread : consumers) {
            thread.join();
        }
        for (int i = 0; i < seen.length(); i++) {
            assertThat(seen.get(i)).as("task %d", i).isEqualTo(1);
        }
        assertThat(disorders.get(0)).isZero();
    }

    @Test
    void noMoreThanTheCapacityWaitsWhateverTheRace() throws InterruptedException {
        int capacity = 8;
        TaskQueue queue = new TaskQueue(capacity, 4, false);
        Runnable offers = () -> {
            for (int i = 0; i < 20_000; i++) {
                queue.offer(new Numbered(0, i));
            }
        };
        List<Thread> threads = List.of(new Thread(offers), new Thread(offers));
        threads.forEach(Thread::start);
        while (threads.get(0).isAlive() || threads.get(1).isAlive()) {
            long taken = queue.taken();
            // taken is read first and only this thread takes: the difference is never more than what waits
            assertThat(queue.offered() - taken).isLessThanOrEqualTo(capacity);
            queue.poll();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Recurses until the stack overflows, and offers a task on each level. */
    private static final class Recursion {
        private final TaskQueue queue;
        private int taken;

        Recursion(TaskQueue queue) {
            this.queue = queue;
        }

        @SuppressWarnings("InfiniteRecursion") // until the stack is full
        void run(int number) {
            if (queue.offer(new Numbered(0, number)) == TaskQueue.Offer.TAKEN) {
                taken++;
            }
            run(number + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anOverflowingStackLeavesNoPlaceUnfilled(boolean oneConsumer) {
        for (int round = 0; round < 20; round++) {
            TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, 64, oneConsumer);
            Recursion recursion = new Recursion(queue);
            assertThatExceptionOfType(StackOverflowError.class).isThrownBy(() -> recursion.run(0));

            assertThat(queue.offer(new Numbered(1, 0))).isEqualTo(TaskQueue.Offer.TAKEN);
            queue.close();
            int ran = 0;
            @Nullable Runnable last = null;
            for (Runnable task; (task = queue.poll()) != null; ran++) {
                last = task;
            }
            assertThat(ran).isGreaterThan(recursion.taken);
            assertThat(last).isEqualTo(new Numbered(1, 0));
            assertThat(queue.isDrained()).isTrue();
        }
    }
}
