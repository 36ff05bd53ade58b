package io.millio.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** A pool that runs its tasks on an executor of the program's: here one that the test makes go on. */
class ComputePoolExecutorTest {
    private final Deque<Runnable> given = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();

    private ComputePool pool() {
        return ComputePool.builder().executor(given::add).build();
    }

    private void runAll() {
        for (Runnable next; (next = given.poll()) != null; ) {
            next.run();
        }
    }

    @Test
    void theMostUrgentTaskIsTakenWhicheverCameFirst() {
        ComputePool pool = pool();
        pool.execute(Priority.LOW, () -> ran.add("low"));
        pool.execute(Priority.HIGH, () -> ran.add("high"));
        assertThat(ran).isEmpty();
        runAll();
        assertThat(ran).containsExactly("high", "low");
        assertThat(pool.close(Duration.ZERO)).isTrue();
    }

    @Test
    void aTaskThatIsCancelledIsNotRunAndTheOthersAre() {
        ComputePool pool = pool();
        CompletableFuture<Boolean> cancelled = pool.compute(Priority.NORMAL, () -> ran.add("cancelled"));
        CompletableFuture<Boolean> other = pool.compute(Priority.NORMAL, () -> ran.add("other"));
        assertThat(cancelled.cancel(false)).isTrue();
        runAll();
        assertThat(other).isCompletedWithValue(true);
        assertThat(ran).containsExactly("other");
        pool.close();
    }

    @Test
    void aTaskThatTheExecutorRefusesIsRejectedAndNotKept() {
        ComputePool pool = ComputePool.builder()
                .executor(task -> {
                    throw new RejectedExecutionException("full");
                })
                .build();
        assertThatThrownBy(() -> pool.compute(Priority.NORMAL, () -> 1))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessage("full");
        assertThat(pool.close(Duration.ZERO)).isTrue();
    }

    @Test
    void aPoolThatIsClosedWhileTasksWaitCancelsThem() {
        ComputePool pool = pool();
        CompletableFuture<Integer> waiting = pool.compute(Priority.NORMAL, () -> 1);
        assertThat(pool.close(Duration.ZERO)).isFalse();
        assertThat(waiting).isCancelled();
        runAll();
        assertThatThrownBy(() -> pool.execute(Priority.NORMAL, () -> {}))
                .isInstanceOf(RejectedExecutionException.class);
    }
}
