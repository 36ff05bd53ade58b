package io.millio.testkit;

import io.millio.internal.Arguments;
import java.time.Duration;

/**
 * What the way between two hosts of a {@link SimNetwork} is like: how fast, and what goes wrong on it, each thing with
 * a probability from 0 to 1. Everything is perfect, and takes 100 µs, until it is set otherwise. Changes hold for what
 * is sent from then on.
 *
 * <p>For the thread that drives the network.
 */
public final class Link {
    private static final int MIN_WINDOW_BYTES = 1;

    long latencyLeastNanos = 100_000;
    long latencyMostNanos = 100_000;
    long bytesPerSecond; // 0: no limit
    int windowBytes = 65_536;
    double shortReads;
    double shortWrites;
    double wouldBlock;
    double refusals;
    double timeouts;
    double resets;
    double losses;
    double duplicates;
    double reorderings;
    double corruptions;
    double tail;
    long tailMostNanos;

    Link() {}

    Link(Link other) {
        latencyLeastNanos = other.latencyLeastNanos;
        latencyMostNanos = other.latencyMostNanos;
        bytesPerSecond = other.bytesPerSecond;
        windowBytes = other.windowBytes;
        shortReads = other.shortReads;
        shortWrites = other.shortWrites;
        wouldBlock = other.wouldBlock;
        refusals = other.refusals;
        timeouts = other.timeouts;
        resets = other.resets;
        losses = other.losses;
        duplicates = other.duplicates;
        reorderings = other.reorderings;
        corruptions = other.corruptions;
        tail = other.tail;
        tailMostNanos = other.tailMostNanos;
    }

    /**
     * How long everything is on its way.
     *
     * @param latency not negative
     * @return this
     */
    public Link latency(Duration latency) {
        return latency(latency, latency);
    }

    /**
     * How long everything is on its way: drawn evenly between the two, both included. What belongs to one stream stays
     * in order.
     *
     * @param least not negative
     * @param most not less than that
     * @return this
     */
    public Link latency(Duration least, Duration most) {
        long from = Arguments.nanos(least, "least");
        long to = Arguments.nanos(most, "most");
        if (to < from) {
            throw new IllegalArgumentException("most: " + most + ", must not be less than " + least);
        }
        latencyLeastNanos = from;
        latencyMostNanos = to;
        return this;
    }

    /**
     * How often something takes longer than the {@link #latency}: up to a limit, and each order of magnitude as often,
     * so that there is no usual delay that a time-out could rely on.
     *
     * @param probability from 0 to 1
     * @param most at least the largest latency
     * @return this
     */
    public Link latencyTail(double probability, Duration most) {
        long nanos = Arguments.nanos(most, "most");
        if (nanos < latencyMostNanos) {
            throw new IllegalArgumentException(
                    "most: " + most + ", must not be less than the latency, " + Duration.ofNanos(latencyMostNanos));
        }
        tail = SimChecks.probability(probability);
        tailMostNanos = nanos;
        return this;
    }

    long drawLatency(SimRandom random) {
        if (random.chance(tail)) {
            double least = Math.max(1, latencyMostNanos);
            return (long) (least * StrictMath.pow(tailMostNanos / least, random.unit()));
        }
        return random.between(latencyLeastNanos, latencyMostNanos);
    }

    /**
     * How much goes through, all streams and datagrams of the direction together.
     *
     * @param bytesPerSecond at least 1
     * @return this
     */
    public Link bandwidth(long bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("bytesPerSecond: " + bytesPerSecond + ", must be at least 1");
        }
        this.bytesPerSecond = bytesPerSecond;
        return this;
    }

    /**
     * How many bytes of a stream may be on their way or wait to be read, for streams that are opened from now on; a
     * writer sees it as the room that there is. 64 KiB, unless set.
     *
     * @param bytes at least 1
     * @return this
     */
    public Link window(int bytes) {
        if (bytes < MIN_WINDOW_BYTES) {
            throw new IllegalArgumentException("bytes: " + bytes + ", must be at least " + MIN_WINDOW_BYTES);
        }
        windowBytes = bytes;
        return this;
    }

    /**
     * How often a read gives fewer bytes than are there.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public Link shortReads(double probability) {
        shortReads = SimChecks.probability(probability);
        return this;
    }

    /**
     * How often a write takes fewer bytes than there is room for.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public Link shortWrites(double probability) {
        shortWrites = SimChecks.probability(probability);
        return this;
    }

    /**
     * How often a read, a write, an accept, a send or a receive would block although the source was reported as ready.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public Link wouldBlock(double probability) {
        wouldBlock = SimChecks.probability(probability);
        return this;
    }

    /**
     * How often a write of a stream, or a datagram, arrives with one bit changed: what checksums do not find, and what
     * a peer with an error sends.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public Link corruptions(double probability) {
        corruptions = SimChecks.probability(probability);
        return this;
    }

    /**
     * How often an attempt to connect is refused.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public Link refusals(double probability) {
        refusals = SimChecks.probability(probability);
        return this;
    }

    /**
     * How often an attempt to connect is not answered, so that it times out.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public Link timeouts(double probability) {
        timeouts = SimChecks.probability(probability);
        return this;
    }

    /**
     * How often a write breaks its connection, for both ends.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public Link resets(double probability) {
        resets = SimChecks.probability(probability);
        return this;
    }

    /**
     * How often a datagram is lost.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public Link losses(double probability) {
        losses = SimChecks.probability(probability);
        return this;
    }

    /**
     * How often a datagram arrives twice.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public Link duplicates(double probability) {
        duplicates = SimChecks.probability(probability);
        return this;
    }

    /**
     * How often a datagram is held up, so that later ones overtake it.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public Link reorderings(double probability) {
        reorderings = SimChecks.probability(probability);
        return this;
    }

    @Override
    public String toString() {
        return "link of " + Duration.ofNanos(latencyLeastNanos) + " to " + Duration.ofNanos(latencyMostNanos);
    }
}
