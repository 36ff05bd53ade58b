package io.millio.task;

/** The urgency of a computation. Within one priority, first come is first served. */
public enum Priority {
    /** Whenever there is nothing else to do, and now and then although there is. */
    LOW,
    /** The usual. */
    NORMAL,
    /**
     * Before the usual, and never behind it: one thread of a {@link ComputePool} runs nothing lower. For short tasks:
     * TLS handshakes, and the opening and fetching of files that connections send, have this priority.
     */
    HIGH,
    /** Before everything else; shares the thread of {@link #HIGH}. */
    CRITICAL
}
