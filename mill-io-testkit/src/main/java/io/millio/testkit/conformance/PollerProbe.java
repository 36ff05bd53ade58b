package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.EventSink;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import io.millio.transport.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A poller under test, and what its last poll has reported. As a poller is: polls on one thread at a time, additions,
 * removals and wake-ups on any.
 */
final class PollerProbe implements EventSink, Closeable {
    /** A wait that only an event or a wake-up ends. */
    static final long FAR_NANOS = Long.MAX_VALUE / 2;

    /** As many polls may be needed for one wait, since a poll may return without a cause. */
    static final int FEW = 3;

    /** One call of the sink. */
    record Report(Object attachment, int readiness) {
        @Override
        public String toString() {
            return attachment + ": " + Readiness.describe(readiness);
        }
    }

    /** What a test does in an event. */
    interface Action {
        void run(Object attachment) throws IOException;
    }

    final Poller poller;
    final LongSupplier clock;

    // Of the thread that polls.
    private final List<Report> reports = new ArrayList<>();
    private @Nullable Action action;

    PollerProbe(Transport transport, int eventCapacity) throws IOException {
        clock = transport.nanoClock();
        poller = transport.openPoller(eventCapacity, clock);
    }

    Poller.Key add(Source source, Object attachment, Interest interest) throws IOException {
        return poller.add(source, attachment, interest);
    }

    /** What to do in each event, from now on. */
    void inEvents(@Nullable Action what) {
        action = what;
    }

    /** Polls without waiting. */
    void poll() {
        pollFor(0);
    }

    /** Polls, and waits for so long if nothing is ready. */
    void pollFor(long nanos) {
        pollUntil(clock.getAsLong() + nanos);
    }

    private void pollUntil(long deadlineNanos) {
        reports.clear();
        try {
            poller.poll(deadlineNanos, this);
        } catch (IOException e) {
            throw new AssertionError("a poll fails: " + e, e);
        }
    }

    /** Polls until a time has passed, as a loop does; returns how many polls that took. */
    int pollsFor(long nanos) {
        long deadlineNanos = clock.getAsLong() + nanos;
        int polls = 0;
        do {
            pollUntil(deadlineNanos);
            polls++;
        } while (clock.getAsLong() - deadlineNanos < 0);
        return polls;
    }

    /** Fails if polls end before their deadline although they have nothing to report: a loop would spin. */
    void assertWaits() {
        assertThat(pollsFor(3_000_000)).as("polls in 3 ms").isLessThanOrEqualTo(FEW);
    }

    @Override
    public void ready(Object attachment, int readiness) {
        assertThat(readiness).as("readiness of %s", attachment).isNotZero();
        reports.add(new Report(attachment, readiness));
        Action what = action;
        if (what != null) {
            try {
                what.run(attachment);
            } catch (IOException e) {
                throw new AssertionError("in the event of " + attachment + ": " + e, e);
            }
        }
    }

    /** What the last poll has reported, in order. */
    List<Report> reports() {
        return List.copyOf(reports);
    }

    /** The readiness that the last poll has reported of a source; 0 if it has not reported it. */
    int bits(Object attachment) {
        int bits = 0;
        for (Report each : reports) {
            bits |= each.attachment.equals(attachment) ? each.readiness : 0;
        }
        return bits;
    }

    /** Polls until one poll reports all of these bits of a source. */
    void await(Object attachment, int bits) {
        Await.until(
                attachment + " is " + Readiness.describe(bits),
                () -> (bits(attachment) & bits) == bits,
                () -> pollFor(1_000_000));
    }

    /** Polls until one poll reports something. */
    void awaitReport() {
        reports.clear();
        Await.until("something is reported", () -> !reports.isEmpty(), () -> pollFor(1_000_000));
    }

    /** How many of so many polls, which do not wait, report some of these bits of a source. */
    int count(Object attachment, int bits, int polls) {
        int count = 0;
        for (int i = 0; i < polls; i++) {
            poll();
            count += (bits(attachment) & bits) != 0 ? 1 : 0;
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        poller.close();
    }
}
