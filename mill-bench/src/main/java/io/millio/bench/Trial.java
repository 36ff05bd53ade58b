package io.millio.bench;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Param;

/**
 * One benchmark of one subject with certain parameters.
 *
 * @param parameters the others, by name, in the order in which the benchmark declares them
 */
record Trial(Class<?> benchmark, String subject, Map<String, String> parameters) {
    private static final String SUBJECT = "subject";

    /** All of a benchmark: those of the same parameters next to each other, so that peers run in turn. */
    static List<Trial> of(Class<?> benchmark) {
        List<String> subjects = List.of();
        List<Map<String, String>> combinations = List.of(Map.of());
        for (Field field : benchmark.getFields()) {
            Param param = field.getAnnotation(Param.class);
            if (param != null && field.getName().equals(SUBJECT)) {
                subjects = List.of(param.value());
            } else if (param != null) {
                combinations = times(combinations, field.getName(), param.value());
            }
        }
        List<Trial> trials = new ArrayList<>();
        for (Map<String, String> combination : combinations) {
            for (String subject : subjects) {
                trials.add(new Trial(benchmark, subject, combination));
            }
        }
        return trials;
    }

    private static List<Map<String, String>> times(
            List<Map<String, String>> combinations, String name, String... values) {
        List<Map<String, String>> all = new ArrayList<>();
        for (Map<String, String> combination : combinations) {
            for (String value : values) {
                Map<String, String> larger = new LinkedHashMap<>(combination);
                larger.put(name, value);
                all.add(larger);
            }
        }
        return all;
    }

    String row() {
        StringBuilder row = new StringBuilder(benchmark.getSimpleName());
        parameters.forEach(
                (name, value) -> row.append(' ').append(name).append('=').append(value));
        return row.toString();
    }

    /** All parameters for JMH: those of the trial and the subject. */
    Map<String, String> jmhParameters() {
        Map<String, String> all = new LinkedHashMap<>(parameters);
        all.put(SUBJECT, subject);
        return all;
    }

    @Override
    public String toString() {
        return row() + " " + subject;
    }
}
