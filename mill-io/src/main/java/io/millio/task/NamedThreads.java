package io.millio.task;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes threads called name-1, name-2 and so on, which are not daemons. */
final class NamedThreads implements ThreadFactory {
    private final String name;
    private final AtomicInteger next = new AtomicInteger(1);

    NamedThreads(String name) {
        this.name = name;
    }

    @Override
    public Thread newThread(Runnable task) {
        Thread thread = new Thread(task, name + "-" + next.getAndIncrement());
        // A thread is made by the submitter of a task, which has nothing to do with how it runs.
        thread.setDaemon(false);
        return thread;
    }
}
