package io.millio.transport;

/** Takes the events of one poll. */
@FunctionalInterface
public interface EventSink {
    /**
     * One source is ready. Called in the poll, by its thread; it must return soon and throw nothing.
     *
     * @param id what was given to {@link Poller#add}
     * @param readiness {@link Readiness} bits, at least one
     */
    void ready(long id, int readiness);
}
