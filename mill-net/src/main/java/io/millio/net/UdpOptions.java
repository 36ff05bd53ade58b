package io.millio.net;

import io.millio.internal.Arguments;
import io.millio.net.memory.MemoryBudget;
import io.millio.transport.SocketSettings;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link UdpEndpoint}. Immutable.
 *
 * @param maxQueuedDatagrams how many datagrams wait to be sent at most, at least 1
 * @param maxQueuedBytes how many bytes they have at most, at least 1
 * @param settings options of the socket, set before it is bound
 * @param memoryBudget what counts the datagrams that wait, to be sent or received; null: that of the process
 */
public record UdpOptions(
        int maxQueuedDatagrams,
        int maxQueuedBytes,
        SocketSettings settings,
        @Nullable MemoryBudget memoryBudget) {
    /** 4,096 datagrams of 4 MiB, and no options of the socket. */
    public static final UdpOptions DEFAULT = new UdpOptions(4096, 4 << 20, SocketSettings.NONE, null);

    public UdpOptions {
        Arguments.atLeast(1, maxQueuedDatagrams, "maxQueuedDatagrams");
        Arguments.atLeast(1, maxQueuedBytes, "maxQueuedBytes");
        Objects.requireNonNull(settings, "settings");
    }

    /** Returns the same with other limits of what waits. */
    public UdpOptions withMaxQueued(int datagrams, int bytes) {
        return new UdpOptions(datagrams, bytes, settings, memoryBudget);
    }

    /** Returns the same with other options of the socket. */
    public UdpOptions withSettings(SocketSettings other) {
        return new UdpOptions(maxQueuedDatagrams, maxQueuedBytes, other, memoryBudget);
    }

    /** Returns the same with a memory budget. */
    public UdpOptions withMemoryBudget(MemoryBudget budget) {
        return new UdpOptions(maxQueuedDatagrams, maxQueuedBytes, settings, budget);
    }
}
