package io.millio.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkerPoolBatchTest {
    @ParameterizedTest
    @EnumSource
    void aBatchIsRunWhole(Queues queues) {
        try (WorkerPool pool = WorkerPool.builder().workers(3).queues(queues).build()) {
            for (int size = 0; size <= 10; size++) {
                CountDownLatch ran = new CountDownLatch(size);
                Runnable[] tasks = new Runnable[10];
                Arrays.fill(tasks, (Runnable) ran::countDown);

                assertThat(pool.executeAll(tasks, size)).isEqualTo(size);

                Waiting.await(ran);
            }
            Waiting.until(() -> pool.stats().completed() == 55);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theTasksOfABatchRunAtOnceAsFarAsThereAreWorkers(Queues queues) {
        try (WorkerPool pool = WorkerPool.builder().workers(3).queues(queues).build()) {
            Gate[] gates = {new Gate(), new Gate(), new Gate()};
            pool.executeAll(gates, 3);
            for (Gate gate : gates) {
                gate.awaitEntered();
            }
            for (Gate gate : gates) {
                gate.open();
            }
        }
    }

    @Test
    void whatDoesNotFitIsTheCallers() {
        try (WorkerPool pool = WorkerPool.builder().workers(1).capacity(2).build()) {
            Gate gate = new Gate();
            pool.execute(gate);
            gate.awaitEntered();
            AtomicInteger ran = new AtomicInteger();
            Runnable[] tasks = {ran::incrementAndGet, ran::incrementAndGet, ran::incrementAndGet};

            assertThat(pool.executeAll(tasks, 3)).isEqualTo(2);

            assertThat(pool.stats().rejected()).isEqualTo(1);
            gate.open();
            Waiting.until(() -> pool.stats().completed() == 3);
            assertThat(ran).hasValue(2);
        }
    }

    @Test
    void afterShutdownNothingIsTaken() {
        WorkerPool pool = WorkerPool.create(1);
        pool.close();
        assertThat(pool.executeAll(new Runnable[] {() -> {}}, 1)).isZero();
        assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aNullEndsTheCallButWhatWasTakenBeforeItIsRun() {
        try (WorkerPool pool = WorkerPool.create(2)) {
            CountDownLatch ran = new CountDownLatch(1);
            assertThatThrownBy(() -> pool.executeAll(new Runnable[] {ran::countDown, null}, 2))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("task");
            Waiting.await(ran);
            assertThatThrownBy(() -> pool.executeAll(new Runnable[1], 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
