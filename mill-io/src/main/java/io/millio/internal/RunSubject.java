package io.millio.internal;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** What a program should see in the place of a handler or task of the library's. */
public interface RunSubject {
    /** Returns the connection, for instance, that it works on now; itself at other times. Any thread. */
    Object runSubject();

    /** Returns a task that works on one subject, or on what that works on. */
    static Runnable task(Object subject, Runnable action) {
        return new Task(subject, action);
    }

    /** Returns a computation whose completion works on one subject, or on what that works on. */
    static <T extends @Nullable Object> Callable<T> computation(Object subject, Callable<? extends T> action) {
        return new Computation<>(subject, action);
    }

    private static Object of(Object subject) {
        return subject instanceof RunSubject working ? working.runSubject() : subject;
    }

    /** A task that works on one subject, or on what that works on. */
    record Task(Object subject, Runnable action) implements RunSubject, Runnable {
        @Override
        public Object runSubject() {
            return of(subject);
        }

        @Override
        public void run() {
            action.run();
        }
    }

    /** A computation whose completion works on one subject, or on what that works on. */
    record Computation<T extends @Nullable Object>(Object subject, Callable<? extends T> action)
            implements RunSubject, Callable<T> {
        @Override
        public Object runSubject() {
            return of(subject);
        }

        @Override
        public T call() throws Exception {
            return action.call();
        }
    }
}
