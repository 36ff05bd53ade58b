package io.millio.transport;

import org.jspecify.annotations.Nullable;

/**
 * Offers a transport to {@link java.util.ServiceLoader}. Making a provider must be cheap and touch nothing of the
 * system: it is made also where its transport can't be used.
 */
public interface TransportProvider {
    /** The name of the transport. */
    String name();

    /** The higher the better: {@code nio} has 0. */
    int priority();

    /** Why the transport can't be used in this process; null if it can. */
    default @Nullable String unusableReason() {
        return null;
    }

    /** The transport; called only when there is no {@link #unusableReason}. */
    Transport transport();
}
