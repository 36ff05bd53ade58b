package io.millio.bench;

import java.util.List;

/** Benchmarks that are run together. */
enum Group {
    TIMERS(
            "to start, cancel, move and fire timers, next to many others",
            TimerScheduleCancel.class,
            TimerRearm.class,
            TimerExpire.class),
    EXECUTE(
            "to give tasks to a loop, one that is busy or one that sleeps",
            ExecuteWindow.class,
            ExecuteFlood.class,
            ExecuteSleeping.class),
    POOLS(
            "pools of objects, of buffers, and of threads",
            ObjectPoolAcquire.class,
            BufferPoolAcquire.class,
            ComputeSubmit.class,
            WorkerHandOff.class);

    final String description;
    final List<Class<?>> benchmarks;

    Group(String description, Class<?>... benchmarks) {
        this.description = description;
        this.benchmarks = List.of(benchmarks);
    }
}
