package io.millio.bench.http;

import io.millio.bench.http.gate.Gate;
import io.millio.bench.http.load.Profile;
import io.millio.bench.http.server.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table for each profile, as text. */
final class TextReport {
    private final Results results;

    TextReport(Results results) {
        this.results = results;
    }

    String text() {
        StringBuilder text = new StringBuilder();
        for (Profile profile : results.profiles()) {
            text.append('\n')
                    .append(profile.label())
                    .append(": ")
                    .append(profile.description)
                    .append('\n');
            List<List<String>> lines = new ArrayList<>();
            lines.add(columns(profile));
            results.rows(profile).forEach(row -> lines.add(cells(results, profile, row)));
            append(lines, text);
            results.failures(profile)
                    .forEach((server, message) -> text.append(server.label())
                            .append(" failed: ")
                            .append(message)
                            .append('\n'));
        }
        appendGates(text);
        return text.toString();
    }

    /** Returns the heads of the columns; those of a profile that has no heap to show lack that column. */
    static List<String> columns(Profile profile) {
        List<String> columns = new ArrayList<>(
                List.of("server", "CPU us/request", ": limit", ": best peer", "p99 us", "requests/s", "gate"));
        if (profile == Profile.THOUSAND) {
            columns.add("heap B/connection");
        }
        return columns;
    }

    /** Returns the cells of a line, as the heads have them. */
    static List<String> cells(Results results, Profile profile, Results.Row row) {
        Server server = row.server();
        List<String> cells = new ArrayList<>(List.of(
                server.label(),
                number("%.2f", row.cpuNanos() / 1e3),
                number("%.2f", row.toLimit()),
                number("%.2f", row.toBestPeer()),
                number("%,.0f", row.p99Nanos() / 1e3),
                number("%,.0f", row.perSecond()),
                results.gateText(server)));
        if (profile == Profile.THOUSAND) {
            cells.add(results.heapText(server));
        }
        return cells;
    }

    private static String number(String format, double number) {
        return Double.isNaN(number) ? "-" : String.format(Locale.ROOT, format, number);
    }

    private static void append(List<List<String>> lines, StringBuilder text) {
        for (List<String> line : lines) {
            StringBuilder formatted = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                int column = i;
                int width = lines.stream()
                        .mapToInt(each -> each.get(column).length())
                        .max()
                        .orElse(0);
                formatted.append(String.format(Locale.ROOT, "%" + (i == 0 ? "-" : "") + width + "s  ", line.get(i)));
            }
            text.append(formatted.toString().stripTrailing()).append('\n');
        }
    }

    private void appendGates(StringBuilder text) {
        text.append("\ngate: ");
        List<String> checks = Gate.checks();
        for (int i = 0; i < checks.size(); i++) {
            text.append(i == 0 ? "" : ", ").append(i + 1).append(' ').append(checks.get(i));
        }
        text.append('\n');
        for (Server server : Server.values()) {
            for (Gate.Failure each : results.gate(server)) {
                text.append(server.label() + ": " + each.check() + ": " + each.detail() + '\n');
            }
        }
    }
}
