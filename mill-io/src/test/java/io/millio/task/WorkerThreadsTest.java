package io.millio.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.internal.TaskSource;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkerThreadsTest {
    /** A source in which a task can appear between a worker's look and its going to sleep. */
    private static final class ScriptedSource implements TaskSource {
        final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        final CountDownLatch lookedInVain = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final AtomicInteger looks = new AtomicInteger();
        volatile boolean closed;

        @Override
        public @Nullable Runnable poll() {
            Runnable task = tasks.poll();
            if (looks.getAndIncrement() == 0) {
                lookedInVain.countDown();
                Waiting.await(goOn);
            }
            return task;
        }

        @Override
        public boolean isEmpty() {
            return tasks.isEmpty();
        }

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public boolean isDrained() {
            return closed && tasks.isEmpty();
        }
    }

    private final ScriptedSource source = new ScriptedSource();
    private final WorkerThreads workers =
            new WorkerThreads(source, 1, new NamedThreads("worker"), (task, thrown) -> {});

    @Test
    void aTaskThatComesWhileTheWorkerGoesToSleepIsSeen() throws InterruptedException {
        workers.prepare();
        Waiting.await(source.lookedInVain);
        CountDownLatch ran = new CountDownLatch(1);
        source.tasks.add(ran::countDown);
        workers.signal(); // wakes no thread: the worker does not sleep yet
        source.goOn.countDown();
        Waiting.await(ran);
        workers.shutdown();
        assertThat(workers.awaitTermination(Waiting.LONG.toNanos())).isTrue();
    }

    @Test
    void anEndThatComesWhileTheWorkerGoesToSleepIsSeen() throws InterruptedException {
        workers.prepare();
        Waiting.await(source.lookedInVain);
        workers.shutdown();
        source.goOn.countDown();
        assertThat(workers.awaitTermination(Waiting.LONG.toNanos())).isTrue();
    }
}
