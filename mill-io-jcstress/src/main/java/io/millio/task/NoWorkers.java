package io.millio.task;

/** The threads of a pool whose tasks are run by the actors of a test. */
enum NoWorkers implements Workers {
    INSTANCE;

    @Override
    public void prepare() {}

    @Override
    public void signal() {}

    @Override
    public void shutdown() {}

    @Override
    public boolean awaitTermination(long timeoutNanos) {
        return true;
    }

    @Override
    public boolean isOnWorker() {
        return false;
    }

    @Override
    public int active() {
        return 0;
    }
}
