package io.millio.testkit;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What happened, the last so many things of it. Text is made only when it is asked for; the hash is of all that ever
 * happened. Guarded by the network.
 */
final class SimTrace {
    private int capacity = 10_000;
    private long[] times = new long[256];
    private @Nullable String[] places = new String[256];
    private @Nullable String[] events = new String[256];
    private long[] numbers = new long[512];
    private long count;
    private long hash;

    void keep(int lines) {
        if (count > 0) {
            throw new IllegalStateException("lines: can only be set before anything has happened");
        }
        capacity = lines;
    }

    /** The event may have two %d for the numbers, and no more than that. */
    void add(long timeNanos, String place, String event, long a, long b) {
        hash = (hash ^ timeNanos) * 0x9E3779B97F4A7C15L;
        hash = (hash ^ ((long) place.hashCode() << 32 ^ event.hashCode())) * 0xBF58476D1CE4E5B9L;
        hash = (hash ^ (a << 20) ^ b ^ (hash >>> 29)) * 0x94D049BB133111EBL;
        int at = (int) (count++ % capacity);
        if (at == times.length) {
            int size = Math.min(capacity, at * 2);
            times = Arrays.copyOf(times, size);
            places = Arrays.copyOf(places, size);
            events = Arrays.copyOf(events, size);
            numbers = Arrays.copyOf(numbers, size * 2);
        }
        times[at] = timeNanos;
        places[at] = place;
        events[at] = event;
        numbers[at * 2] = a;
        numbers[at * 2 + 1] = b;
    }

    long hash() {
        return hash;
    }

    String text(int lastLines) {
        long kept = Math.min(Math.min(count, capacity), lastLines);
        StringBuilder text = new StringBuilder();
        if (kept < count) {
            text.append("... ").append(count - kept).append(" earlier lines are left out\n");
        }
        for (long i = count - kept; i < count; i++) {
            appendLine(text, i);
        }
        return text.toString();
    }

    private void appendLine(StringBuilder text, long number) {
        int at = (int) (number % capacity);
        appendTime(text, times[at]);
        text.append("  ").append(places[at]).append("  ");
        text.append(String.format(Locale.ROOT, String.valueOf(events[at]), numbers[at * 2], numbers[at * 2 + 1]));
        text.append('\n');
    }

    private String line(long number) {
        StringBuilder text = new StringBuilder();
        if (number < count) {
            appendLine(text, number);
        }
        return text.isEmpty() ? "the end\n" : text.toString();
    }

    /** Returns where two traces differ, or null if they do not. */
    @Nullable
    String difference(SimTrace other) {
        if (hash == other.hash && count == other.count) {
            return null;
        }
        long from = Math.max(0, Math.max(count - capacity, other.count - other.capacity));
        for (long i = from; i < Math.max(count, other.count); i++) {
            String here = line(i);
            String there = other.line(i);
            if (!here.equals(there)) {
                return ", from line " + (i + 1) + " of the trace on:\n" + here + "and\n" + there;
            }
        }
        return ", before line " + (from + 1) + " of the trace; keepTrace keeps more";
    }

    /** Seconds, with nine places in groups of three: {@code 0.010 250 000}. */
    static void appendTime(StringBuilder text, long nanos) {
        text.append(String.format(
                Locale.ROOT,
                "%d.%03d %03d %03d",
                nanos / 1_000_000_000,
                nanos / 1_000_000 % 1000,
                nanos / 1000 % 1000,
                nanos % 1000));
    }
}
