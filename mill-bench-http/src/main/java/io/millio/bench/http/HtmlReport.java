package io.millio.bench.http;

import io.millio.bench.http.gate.Gate;
import io.millio.bench.http.load.Profile;
import io.millio.bench.http.server.Server;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A page that needs nothing from elsewhere: for each profile a table and two plots. */
final class HtmlReport {
    private static final int LEFT = 110;
    private static final int WIDTH = 400;
    private static final int BAR = 20;
    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>HTTP servers</title><style>
            body { font: 14px sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; }
            table { border-collapse: collapse; }
            td, th { border-bottom: 1px solid #ccc; padding: 0.2em 0.7em; text-align: right; }
            td:first-child, th:first-child { text-align: left; }
            svg { margin: 1em 1em 1em 0; }
            rect { fill: #9ab; } rect.own { fill: #e8a33d; } circle { fill: #234; fill-opacity: 0.6; }
            .failed { color: #b00; }
            </style></head><body>
            <h1>HTTP servers</h1>
            <p>One run on one machine: compare only figures of this page. Bars are medians of the rounds, dots single
            rounds. CPU is the CPU time of the server's process for each request. A server that failed a check of the
            gate has the numbers of those checks beside its figures.</p>
            """;

    private final Results results;
    private final StringBuilder page = new StringBuilder(HEAD);

    HtmlReport(Results results) {
        this.results = results;
    }

    String text() {
        for (Profile profile : results.profiles()) {
            List<Results.Row> rows = results.rows(profile);
            page.append("<h2>")
                    .append(profile.label())
                    .append(": ")
                    .append(profile.description)
                    .append("</h2>\n");
            table(profile, rows);
            results.failures(profile)
                    .forEach((server, message) -> page.append("<p class=\"failed\">")
                            .append(escaped(server.label() + " failed: " + message))
                            .append("</p>\n"));
            plot("CPU for a request, us", profile, rows, row -> row.cpuNanos() / 1e3, each -> each.cpuNanos() / 1e3);
            plot("p99 of the latency, us", profile, rows, row -> row.p99Nanos() / 1e3, each -> each.p99Nanos() / 1e3);
        }
        gates();
        return page.append("</body></html>\n").toString();
    }

    private void table(Profile profile, List<Results.Row> rows) {
        page.append("<table>\n");
        line("th", TextReport.columns(profile));
        rows.forEach(row -> line("td", TextReport.cells(results, profile, row)));
        page.append("</table>\n");
    }

    private void line(String element, List<String> cells) {
        page.append("<tr>");
        for (String cell : cells) {
            page.append('<').append(element).append(cell.startsWith("failed") ? " class=\"failed\">" : ">");
            page.append(escaped(cell)).append("</").append(element).append('>');
        }
        page.append("</tr>\n");
    }

    /** A bar for each server, and a dot for each of its rounds. */
    private void plot(
            String title,
            Profile profile,
            List<Results.Row> rows,
            ToDoubleFunction<Results.Row> median,
            ToDoubleFunction<Sample> single) {
        List<Sample> samples = results.samples().stream()
                .filter(sample -> sample.profile() == profile)
                .toList();
        double max = samples.stream().mapToDouble(single).max().orElse(1);
        int height = BAR * (rows.size() + 1);
        page.append(String.format(
                Locale.ROOT,
                "<svg width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\"><text y=\"14\">%s</text>%n",
                LEFT + WIDTH + 80,
                height,
                title,
                title));
        for (int i = 0; i < rows.size(); i++) {
            Server server = rows.get(i).server();
            double value = median.applyAsDouble(rows.get(i));
            int y = BAR * (i + 1);
            page.append(String.format(
                    Locale.ROOT,
                    "<text y=\"%d\">%s</text><rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"%s/>"
                            + "<text x=\"%d\" y=\"%d\">%,.2f</text>%n",
                    y + 14,
                    server.label(),
                    LEFT,
                    y + 2,
                    WIDTH * value / max,
                    BAR - 4,
                    server.isPeer() || server == Server.LIMIT ? "" : " class=\"own\"",
                    LEFT + WIDTH + 8,
                    y + 14,
                    value));
            for (Sample sample : samples) {
                if (sample.server() == server) {
                    page.append(String.format(
                            Locale.ROOT,
                            "<circle cx=\"%.1f\" cy=\"%d\" r=\"3\"/>%n",
                            LEFT + WIDTH * single.applyAsDouble(sample) / max,
                            y + BAR / 2));
                }
            }
        }
        page.append("</svg>\n");
    }

    private void gates() {
        page.append("<h2>gate</h2>\n<ol>\n");
        Gate.checks()
                .forEach(check -> page.append("<li>").append(escaped(check)).append("</li>\n"));
        page.append("</ol>\n<ul>\n");
        for (Server server : Server.values()) {
            for (Gate.Failure each : results.gate(server)) {
                page.append("<li>")
                        .append(escaped(server.label() + ": " + each.check() + ": " + each.detail()))
                        .append("</li>\n");
            }
        }
        page.append("</ul>\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
