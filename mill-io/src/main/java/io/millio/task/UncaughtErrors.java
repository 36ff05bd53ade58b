package io.millio.task;

/**
 * Passes what a task threw to its thread's handler for uncaught exceptions. A class and not a lambda, the first of
 * which delays a start.
 */
enum UncaughtErrors implements TaskErrorHandler {
    INSTANCE;

    @Override
    public void onError(Runnable task, Throwable thrown) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
    }

    /** Reports to the handler, and what that throws to the thread's; throws nothing. */
    static void report(Runnable task, Throwable thrown, TaskErrorHandler handler) {
        try {
            handler.onError(task, thrown);
        } catch (Throwable ofHandler) {
            try {
                INSTANCE.onError(task, ofHandler);
            } catch (Throwable t) {
                // there is no further handler
            }
        }
    }

    /** Runs a task; reports what it throws, and throws nothing. Returns whether it ended well. */
    static boolean run(Runnable task, TaskErrorHandler handler) {
        try {
            task.run();
            return true;
        } catch (Throwable t) {
            report(task, t, handler);
            return false;
        }
    }
}
