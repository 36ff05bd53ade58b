package io.millio.net.report;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Writes the connections of a server: how many are in each state, and those that have most queued or unread, or are the
 * oldest. Stateless; any thread.
 */
public final class ConnectionTable {
    /** How many connections each list has at most. */
    public static final int MAX_ROWS = 20;

    private ConnectionTable() {}

    /**
     * A connection, as it was when it was looked at.
     *
     * @param addresses names both ends; asked only for the connections that are listed
     */
    public record Row(
            String state,
            Supplier<String> addresses,
            long bytesRead,
            long bytesWritten,
            long queuedBytes,
            long unreadBytes,
            long heldBytes,
            Duration age,
            Duration idle,
            Class<?> handler) {
        private void append(StringBuilder text) {
            text.append("    ").append(addresses.get());
            text.append(": ")
                    .append(state)
                    .append(", in ")
                    .append(bytesRead)
                    .append(", out ")
                    .append(bytesWritten);
            text.append(", queued ").append(queuedBytes).append(", unread ").append(unreadBytes);
            text.append(", held ").append(heldBytes);
            text.append(", idle ").append(idle.toMillis()).append(" ms, age ").append(age.toMillis());
            text.append(" ms, ").append(handler.getName()).append('\n');
        }
    }

    /** Appends lines about connections. O(n). */
    public static void append(StringBuilder text, List<Row> rows) {
        Map<String, Integer> counts = new TreeMap<>();
        rows.forEach(each -> counts.merge(each.state, 1, Integer::sum));
        text.append("connections on the loops: ").append(rows.size()).append('\n');
        counts.forEach((state, count) ->
                text.append("  ").append(count).append(' ').append(state).append('\n'));
        appendTop(text, "queued bytes", rows, 1, Row::queuedBytes);
        appendTop(text, "unread bytes", rows, 1, Row::unreadBytes);
        appendTop(text, "age", rows, 0, each -> each.age.toNanos());
    }

    private static void appendTop(
            StringBuilder text, String by, List<Row> rows, long least, ToLongFunction<Row> measure) {
        PriorityQueue<Row> top = new PriorityQueue<>(Comparator.comparingLong(measure)); // the least of them first
        for (Row each : rows) {
            long value = measure.applyAsLong(each);
            Row last = top.size() < MAX_ROWS ? null : top.peek();
            if (value >= least && (last == null || value > measure.applyAsLong(last))) {
                if (last != null) {
                    top.remove();
                }
                top.add(each);
            }
        }
        if (top.isEmpty()) {
            return;
        }
        text.append("  by ").append(by).append(":\n");
        top.stream().sorted(Comparator.comparingLong(measure).reversed()).forEach(each -> each.append(text));
    }
}
