package io.millio.task;

/**
 * What a task threw goes to its thread's handler for uncaught exceptions. A class and not a lambda, the first of which
 * holds up a start.
 */
enum ToUncaught implements TaskErrorHandler {
    INSTANCE;

    @Override
    public void onError(Runnable task, Throwable thrown) {
        tell(thrown);
    }

    /** Tells the calling thread's handler for uncaught exceptions, as if the thread died of it, which it doesn't. */
    static void tell(Throwable thrown) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
        } catch (Throwable t) {
            // there is nobody left to tell
        }
    }
}
