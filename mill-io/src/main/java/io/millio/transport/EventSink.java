package io.millio.transport;

/** Receives the events of one poll. Implemented by the loop; a poller calls it. */
@FunctionalInterface
public interface EventSink {
    /**
     * Reports that a source is ready. Handlers may run before this returns: they may add, modify and remove sources,
     * close them, and wake the poller, but not poll. So a poller calls this only between waits, holding no lock, and
     * only from {@link Poller#poll}.
     *
     * @param attachment the object given to {@link Poller#add}
     * @param readiness {@link Readiness} bits, at least one
     */
    void ready(Object attachment, int readiness);
}
