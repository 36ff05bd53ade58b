package io.millio.linux;

import org.jspecify.annotations.Nullable;

/** Whether this process can use the system at all: for what is opened without the transport. */
final class Access {
    // Found once: neither system nor grant changes.
    private static final @Nullable String REFUSAL = new EpollTransportProvider().unusableReason();

    private Access() {}

    /** Throws the reason why not. */
    static void check() {
        if (REFUSAL != null) {
            throw new UnsupportedOperationException("Linux can't be used directly: " + REFUSAL);
        }
    }
}
