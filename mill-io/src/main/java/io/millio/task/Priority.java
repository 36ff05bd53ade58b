package io.millio.task;

/** How urgent a computation is. Within one priority, first come is first served. */
public enum Priority {
    /** Whenever there is nothing else to do, and now and then although there is. */
    LOW,
    /** The usual. */
    NORMAL,
    /** Before the usual. */
    HIGH,
    /** Before everything. */
    CRITICAL
}
