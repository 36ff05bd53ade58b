package io.millio.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Scores as text: a line for each benchmark with its parameters, a column for each subject, and the score of each
 * subject of Mill-IO as a ratio to that of the best other. Less is better.
 */
final class RatioTable {
    /** What the names of Mill-IO's own subjects begin with. */
    static final String OWN = "Mill.";

    /** The measurements of one subject in one row; the table shows their medians. */
    private static final class Cell {
        final List<Double> scores = new ArrayList<>();
        final List<Double> bytes = new ArrayList<>();
    }

    private final String title;
    private final Map<String, Map<String, Cell>> rows = new LinkedHashMap<>();
    private final Set<String> subjects = new LinkedHashSet<>();

    RatioTable(String title) {
        this.title = title;
    }

    /** Adds a measurement; bytes are not shown if their median is NaN. */
    void add(String row, String subject, double score, double bytes) {
        subjects.add(subject);
        Cell cell = rows.computeIfAbsent(row, absent -> new LinkedHashMap<>())
                .computeIfAbsent(subject, absent -> new Cell());
        cell.scores.add(score);
        cell.bytes.add(bytes);
    }

    /** Some lines, each with an end. */
    String text() {
        List<String[]> lines = new ArrayList<>();
        lines.add(header());
        rows.forEach((row, cells) -> lines.add(line(row, cells)));
        int[] widths = new int[lines.get(0).length];
        for (String[] line : lines) {
            for (int column = 0; column < line.length; column++) {
                widths[column] = Math.max(widths[column], line[column].length());
            }
        }
        StringBuilder text = new StringBuilder(title).append('\n');
        for (String[] line : lines) {
            StringBuilder formatted = new StringBuilder();
            for (int column = 0; column < line.length; column++) {
                String alignment = column == 0 ? "-" : "";
                formatted.append(String.format("%" + alignment + widths[column] + "s  ", line[column]));
            }
            text.append(formatted.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private String[] header() {
        List<String> header = new ArrayList<>(List.of(""));
        header.addAll(subjects);
        for (String subject : subjects) {
            if (subject.startsWith(OWN)) {
                header.add(subject.substring(OWN.length()) + " : best peer");
            }
        }
        return header.toArray(String[]::new);
    }

    private String[] line(String row, Map<String, Cell> cells) {
        List<String> line = new ArrayList<>(List.of(row));
        for (String subject : subjects) {
            Cell cell = cells.get(subject);
            line.add(
                    cell == null
                            ? "-"
                            : Double.isNaN(median(cell.bytes))
                                    ? shortened(median(cell.scores))
                                    : "%s (%s B)"
                                            .formatted(shortened(median(cell.scores)), shortened(median(cell.bytes))));
        }
        String best = bestPeer(cells);
        for (String subject : subjects) {
            if (subject.startsWith(OWN)) {
                Cell own = cells.get(subject);
                Cell peer = best == null ? null : cells.get(best);
                line.add(
                        own == null || peer == null
                                ? "-"
                                : String.format(
                                        Locale.ROOT, "%.2f (%s)", median(own.scores) / median(peer.scores), best));
            }
        }
        return line.toArray(String[]::new);
    }

    private static @Nullable String bestPeer(Map<String, Cell> cells) {
        String best = null;
        double bestScore = Double.POSITIVE_INFINITY;
        for (Map.Entry<String, Cell> cell : cells.entrySet()) {
            double score = median(cell.getValue().scores);
            if (!cell.getKey().startsWith(OWN) && score < bestScore) {
                best = cell.getKey();
                bestScore = score;
            }
        }
        return best;
    }

    static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
    }

    private static String shortened(double number) {
        return String.format(Locale.ROOT, number < 99.95 ? "%.1f" : "%,.0f", number);
    }
}
