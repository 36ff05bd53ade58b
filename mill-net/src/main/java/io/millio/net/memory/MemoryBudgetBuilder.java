package io.millio.net.memory;

import io.millio.internal.Arguments;
import io.millio.net.account.MemoryTotal;
import java.time.Duration;

/** Settings of a {@link MemoryBudget}: each has a default, and is checked when it is given. One thread at a time. */
public final class MemoryBudgetBuilder {
    /** How far below {@link #pauseAt} the level becomes normal again: else it would flicker. */
    private static final double HYSTERESIS = 0.10;

    private long maxBytes = MemoryBudget.DEFAULT_MAX_BYTES;
    private double pauseAt = 0.70;
    private double shedAt = 0.85;
    private int minBytesPerConnection = 16 * 1024;
    private long heldNanos = 5_000_000_000L;

    MemoryBudgetBuilder() {}

    /** How much all connections together may use, at least 1 byte. Default: that of {@link MemoryBudget#process}. */
    public MemoryBudgetBuilder maxBytes(long bytes) {
        maxBytes = Arguments.between(1, bytes, 1L << 50, "maxBytes");
        return this;
    }

    /**
     * From which part of the budget on connections above their share are held: more than 0.1, and not more than
     * {@link #shedAt}. A connection's share is this part divided by the number of connections, but at least
     * {@link #minBytesPerConnection}. When less than this part minus a tenth of the budget is used they are read again.
     * Default 0.70.
     */
    public MemoryBudgetBuilder pauseAt(double part) {
        if (!(part > HYSTERESIS && part <= 1)) {
            throw Arguments.refused("pauseAt", part, "must be more than " + HYSTERESIS + " and at most 1");
        }
        pauseAt = part;
        return this;
    }

    /**
     * From which part of the budget on the largest connections are ended, until what is left uses no more than
     * {@link #pauseAt}, and new ones are refused: not less than {@link #pauseAt}, at most 1. Default 0.85.
     */
    public MemoryBudgetBuilder shedAt(double part) {
        if (!(part > 0 && part <= 1)) {
            throw Arguments.refused("shedAt", part, "must be more than 0 and at most 1");
        }
        shedAt = part;
        return this;
    }

    /**
     * How much each connection may use whatever the others do, besides the flat part of its own and of TLS: one with no
     * more is neither held nor ended, unless all others are as small and the budget is full. At least 0. Default 16
     * KiB.
     */
    public MemoryBudgetBuilder minBytesPerConnection(int bytes) {
        minBytesPerConnection = Arguments.atLeast(0, bytes, "minBytesPerConnection");
        return this;
    }

    /**
     * How long a connection is held at most before it is ended; positive. Default 5 seconds. One that is held again
     * within that time has not begun anew.
     */
    public MemoryBudgetBuilder heldTimeout(Duration timeout) {
        heldNanos = Arguments.positiveNanos(timeout, "heldTimeout");
        return this;
    }

    /**
     * Makes a budget.
     *
     * @throws IllegalStateException if {@link #shedAt} is less than {@link #pauseAt}
     */
    public MemoryBudget build() {
        if (shedAt < pauseAt) {
            throw new IllegalStateException("shedAt: " + shedAt + ", must not be less than pauseAt: " + pauseAt);
        }
        return new MemoryBudget(new MemoryTotal(
                maxBytes,
                (long) (maxBytes * pauseAt),
                (long) (maxBytes * shedAt),
                (long) (maxBytes * (pauseAt - HYSTERESIS)),
                minBytesPerConnection,
                heldNanos));
    }
}
