package io.millio.transport;

/** A feature that only some transports have. */
public enum Capability {
    /** Errors and hang-ups are reported as such, also to a registration without interest. */
    HANG_UP,
    /** {@link Source#of} channels are accepted. */
    RAW_CHANNELS,
    /** A virtual thread may drive a loop: while it waits it does not keep a carrier thread from running others. */
    VIRTUAL_THREADS
}
