package io.millio.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Worker threads of a simulation; the seed decides which one runs, and for how long. For the holder of the baton. */
final class SimExecutor implements Executor {
    private final SimHost host;
    private final SimScheduler scheduler;
    private final String name;
    private final int most;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<Worker> idle = new ArrayDeque<>();
    private int workers;

    SimExecutor(SimHost host, SimScheduler scheduler, String name, int most) {
        this.host = host;
        this.scheduler = scheduler;
        this.name = name;
        this.most = most;
    }

    private final class Worker implements Runnable {
        private boolean called = true;

        @Override
        public void run() {
            while (true) {
                for (@Nullable Runnable task; (task = tasks.poll()) != null; ) {
                    runTask(task);
                }
                called = false;
                idle.add(this);
                scheduler.sleep(SimScheduler.NEVER, () -> called);
            }
        }

        private void runTask(Runnable task) {
            try {
                task.run();
            } catch (Strand.Abandoned e) {
                throw e;
            } catch (Throwable t) {
                host.world.failed(t);
            }
        }
    }

    @Override
    public void execute(Runnable task) {
        scheduler.point();
        tasks.add(task);
        Worker sleeper = idle.poll();
        if (sleeper != null) {
            sleeper.called = true;
        } else if (workers < most) {
            workers++;
            scheduler.begin(new Strand(name + "-" + workers, host), new Worker());
        }
        scheduler.point();
    }

    /** Whether nothing waits and nothing runs. */
    boolean isIdle() {
        return tasks.isEmpty() && idle.size() == workers;
    }
}
