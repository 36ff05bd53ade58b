package io.millio.internal;

/** What a program should see in the place of a handler or task of the library's. */
public interface RunSubject {
    /** Returns the connection, for instance, that it works on now; itself at other times. Any thread. */
    Object runSubject();

    /** Returns a task that works on one subject, or on what that works on. */
    static Runnable task(Object subject, Runnable action) {
        return new Task(subject, action);
    }

    /** A task that works on one subject, or on what that works on. */
    record Task(Object subject, Runnable action) implements RunSubject, Runnable {
        @Override
        public Object runSubject() {
            return subject instanceof RunSubject working ? working.runSubject() : subject;
        }

        @Override
        public void run() {
            action.run();
        }
    }
}
