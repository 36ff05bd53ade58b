package io.millio;

/** How the period of a repeating timer is counted. */
public enum Repeat {
    /**
     * From deadline to deadline. After a pause of the process the periods that were missed are skipped, not caught up.
     */
    FIXED_RATE,
    /** From the end of one run to the next deadline. */
    FIXED_DELAY
}
