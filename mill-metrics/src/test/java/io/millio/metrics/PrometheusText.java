package io.millio.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strict reader of the text format of Prometheus, version 0.0.4: what a scrape may contain, and nothing else. Written
 * from the format's description, as no library on the registry reads it.
 */
final class PrometheusText {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final Pattern HELP = Pattern.compile("# HELP (" + NAME + ") (?:[^\\\\]|\\\\[\\\\n])*");
    private static final Pattern TYPE =
            Pattern.compile("# TYPE (" + NAME + ") (counter|gauge|histogram|summary|untyped)");
    private static final Pattern SAMPLE = Pattern.compile("(" + NAME + ")(?:\\{(.*)\\})? (\\S+)(?: -?[0-9]+)?");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(?:,|$)");

    private final Map<String, String> types = new HashMap<>();
    private final Set<String> helped = new HashSet<>();
    private final Set<String> ended = new HashSet<>();
    private final Map<String, Double> samples = new LinkedHashMap<>();
    private String family = "";

    private PrometheusText(String text) {
        if (!text.isEmpty() && !text.endsWith("\n")) {
            throw new IllegalArgumentException("the last line has no end");
        }
        text.lines().filter(line -> !line.isEmpty()).forEach(this::read);
    }

    /** Reads a scrape; throws if anything in it is not as the format says. */
    static PrometheusText parse(String text) {
        return new PrometheusText(text);
    }

    private void read(String line) {
        if (line.startsWith("# HELP ")) {
            String name = group(HELP, line);
            check(helped.add(name), "a second HELP", line);
            begin(name, line);
        } else if (line.startsWith("# TYPE ")) {
            Matcher matcher = TYPE.matcher(line);
            check(matcher.matches(), "a malformed TYPE", line);
            begin(matcher.group(1), line);
            check(types.put(matcher.group(1), matcher.group(2)) == null, "a second TYPE", line);
        } else {
            check(!line.startsWith("#"), "a comment that is neither HELP nor TYPE", line);
            sample(line);
        }
    }

    /** All lines of a family stand together. */
    private void begin(String name, String line) {
        if (!name.equals(family)) {
            check(!ended.contains(name), "a family that has ended before", line);
            ended.add(family);
            family = name;
        }
    }

    private void sample(String line) {
        Matcher matcher = SAMPLE.matcher(line);
        check(matcher.matches(), "a malformed sample", line);
        String name = matcher.group(1);
        String type = types.getOrDefault(family, "");
        boolean ofFamily = switch (type) {
            case "counter", "gauge", "untyped" -> name.equals(family);
            case "summary" -> name.matches(Pattern.quote(family) + "(_sum|_count)?");
            case "histogram" -> name.matches(Pattern.quote(family) + "_(sum|count|bucket)");
            default -> false;
        };
        check(ofFamily, "a sample that is not of the family " + family, line);
        double value = value(matcher.group(3));
        check(!type.equals("counter") || name.endsWith("_total") && value >= 0, "a counter that is none", line);
        List<String> labels = labels(matcher.group(2), line);
        String key = name + labels;
        check(samples.put(key, value) == null, "a second sample", line);
    }

    private static List<String> labels(String text, String line) {
        List<String> labels = new ArrayList<>();
        Set<String> names = new HashSet<>();
        if (text != null) {
            Matcher matcher = LABEL.matcher(text);
            int at = 0;
            while (at < text.length()) {
                check(matcher.find(at) && matcher.start() == at, "a malformed label", line);
                check(names.add(matcher.group(1)), "a second label of a name", line);
                labels.add(matcher.group(1) + "=" + matcher.group(2));
                at = matcher.end();
            }
        }
        labels.sort(null);
        return labels;
    }

    private static double value(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static String group(Pattern pattern, String line) {
        Matcher matcher = pattern.matcher(line);
        check(matcher.matches(), "a malformed HELP", line);
        return matcher.group(1);
    }

    private static void check(boolean holds, String what, String line) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": " + line);
        }
    }

    /** Returns a sample, by its labels as {@code name=value}; throws if there is none. */
    double value(String name, String... labels) {
        List<String> sorted = new ArrayList<>(List.of(labels));
        sorted.sort(null);
        Double value = samples.get(name + sorted);
        if (value == null) {
            throw new IllegalArgumentException("no sample " + name + sorted + " in " + samples.keySet());
        }
        return value;
    }

    /** Returns the type of each family. */
    Map<String, String> types() {
        return types;
    }

    /** Returns how many samples there are. */
    int size() {
        return samples.size();
    }
}
