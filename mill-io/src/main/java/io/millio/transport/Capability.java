package io.millio.transport;

/** What some transports can do and others can't. */
public enum Capability {
    /** Error and hang-up are told as such, and also to a registration without interest. */
    HANG_UP,
    /** {@link Source#of} channels are admitted. */
    RAW_CHANNELS
}
