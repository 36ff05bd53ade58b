package io.millio.net.memory;

/** How scarce the memory of a budget is. */
public enum MemoryLevel {
    /** Nothing is limited. */
    NORMAL,
    /** Connections above their share are not read, and their writes return {@code PAUSE}. */
    PAUSING,
    /** Besides, the largest connections are ended, and new ones refused. */
    SHEDDING,
    /** Besides, a connection above the minimum that takes more is ended. */
    FULL
}
