package io.millio.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks of high priority never queue behind those of lower ones, however many there are and however long they take. */
class ComputePoolUrgentTest {
    private static final List<Priority> PRIORITIES = List.of(Priority.values());

    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private final ThreadFactory threadFactory = task -> {
        Thread thread = new Thread(task);
        threads.add(thread);
        return thread;
    };

    private static List<Gate> occupy(ComputePool pool, int tasks) {
        List<Gate> gates = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            Gate gate = new Gate();
            pool.execute(i % 2 == 0 ? Priority.NORMAL : Priority.LOW, gate);
            gates.add(gate);
        }
        return gates;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void anUrgentTaskRunsWhileEveryWorkerIsBusyAndMoreTasksWait(int workers) {
        try (ComputePool pool = ComputePool.builder()
                .workers(workers)
                .threadFactory(threadFactory)
                .build()) {
            List<Gate> gates = occupy(pool, workers);
            gates.forEach(Gate::awaitEntered);
            List<Gate> waiting = occupy(pool, 20);
            assertThat(threads).hasSizeBetween(workers, workers + 1); // the last may have been made for one taken since
            for (Priority urgent : List.of(Priority.HIGH, Priority.CRITICAL)) {
                assertThat(pool.compute(urgent, () -> 1))
                        .as("%s", urgent)
                        .succeedsWithin(Waiting.LONG)
                        .isEqualTo(1);
            }
            assertThat(threads).hasSize(workers + 1);
            gates.forEach(Gate::open);
            waiting.forEach(Gate::open);
            waiting.forEach(Gate::awaitEntered);
        }
        assertThat(threads).hasSize(workers + 1).noneMatch(Thread::isAlive);
    }

    @Test
    void noMoreLowerTasksRunAtATimeThanThereAreWorkers() {
        try (ComputePool pool =
                ComputePool.builder().workers(2).threadFactory(threadFactory).build()) {
            List<Gate> gates = occupy(pool, 2);
            gates.forEach(Gate::awaitEntered);
            Gate third = occupy(pool, 1).get(0);
            assertThat(pool.compute(Priority.HIGH, () -> 1)).succeedsWithin(Waiting.LONG);
            Waiting.until(() -> threads.stream().anyMatch(Waiting::isParked)); // the third, the others wait in gates
            assertThat(pool.stats().active()).isEqualTo(2);
            assertThat(pool.stats().depth()).containsEntry(Priority.NORMAL, 1);

            gates.get(0).open();
            third.awaitEntered();
            gates.get(1).open();
            third.open();
        }
    }

    @Test
    void urgentTasksUseAllThreads() {
        try (ComputePool pool = ComputePool.create(2)) {
            List<Gate> gates = List.of(new Gate(), new Gate(), new Gate());
            gates.forEach(gate -> pool.execute(Priority.HIGH, gate));
            gates.forEach(Gate::awaitEntered);
            gates.forEach(Gate::open);
        }
    }

    @Test
    void lowerTasksThatFillTheirQueueLeaveTheUrgentOnesTheirPlaces() {
        try (ComputePool pool = ComputePool.builder().workers(1).capacity(2).build()) {
            Gate gate = new Gate();
            pool.execute(Priority.NORMAL, gate);
            gate.awaitEntered();
            CompletableFuture<Integer> withdrawn = pool.compute(Priority.LOW, () -> 1);
            pool.execute(Priority.NORMAL, () -> {});
            assertThatThrownBy(() -> pool.execute(Priority.NORMAL, () -> {}))
                    .isInstanceOf(RejectedExecutionException.class);
            assertThat(pool.compute(Priority.HIGH, () -> 1)).succeedsWithin(Waiting.LONG);
            assertThat(withdrawn.cancel(false)).isTrue();
            pool.execute(Priority.NORMAL, () -> {});
            gate.open();
        }
    }

    /** Of every kind, many, from many threads: each runs, and the pool ends. */
    @Test
    void everyTaskRunsWhateverTheMixtureOfPriorities() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            ComputePool pool = ComputePool.create(2);
            List<CompletableFuture<Integer>> futures = new CopyOnWriteArrayList<>();
            List<Thread> submitters = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                int from = t;
                submitters.add(new Thread(() -> {
                    for (int i = 0; i < 40; i++) {
                        Priority priority = PRIORITIES.get((i * 7 + from) % 4);
                        futures.add(pool.compute(priority, () -> 1));
                    }
                }));
            }
            submitters.forEach(Thread::start);
            for (Thread submitter : submitters) {
                submitter.join();
            }
            Waiting.until(() -> futures.stream().allMatch(CompletableFuture::isDone)); // before a close wakes all
            pool.close();
            assertThat(pool.stats().completed()).isEqualTo(120);
        }
    }
}
