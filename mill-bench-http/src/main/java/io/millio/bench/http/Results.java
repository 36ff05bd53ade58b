package io.millio.bench.http;

import io.millio.bench.http.gate.Gate;
import io.millio.bench.http.load.Profile;
import io.millio.bench.http.server.Server;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What was measured, and the medians of it. One thread. */
final class Results {
    private final List<Sample> samples = new ArrayList<>();
    private final Map<Server, List<Gate.Failure>> gates = new EnumMap<>(Server.class);
    private final Map<Server, Long> heaps = new EnumMap<>(Server.class);
    private final Map<Profile, Map<Server, String>> failures = new EnumMap<>(Profile.class);

    /**
     * A line of a table; all numbers are medians of the rounds.
     *
     * @param toLimit the CPU time relative to the limit's in the same round; NaN without a limit
     * @param toBestPeer the CPU time relative to that of the best peer in the same round; NaN without one
     */
    record Row(Server server, double cpuNanos, double toLimit, double toBestPeer, double p99Nanos, double perSecond) {}

    void add(Sample sample) {
        samples.add(sample);
    }

    void checked(Server server, List<Gate.Failure> failures) {
        gates.put(server, failures);
    }

    void weighed(Server server, long heapBytesOfAConnection) {
        heaps.put(server, heapBytesOfAConnection);
    }

    /** Notes that a server could not be measured; what it did in earlier rounds does not count. */
    void failed(Server server, Profile profile, String message) {
        failures.computeIfAbsent(profile, absent -> new EnumMap<>(Server.class)).put(server, message);
        samples.removeIf(sample -> sample.server() == server && sample.profile() == profile);
    }

    List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** Returns the profiles that were measured. */
    List<Profile> profiles() {
        return samples.stream().map(Sample::profile).distinct().toList();
    }

    /** Returns the servers that could not be measured, with the reason. */
    Map<Server, String> failures(Profile profile) {
        return failures.getOrDefault(profile, Map.of());
    }

    /** Returns the checks that failed; none for what is no server. */
    List<Gate.Failure> gate(Server server) {
        return gates.getOrDefault(server, List.of());
    }

    /** Returns "passed", or "failed" and the numbers of the checks that failed; "-" for what is no server. */
    String gateText(Server server) {
        List<Gate.Failure> failed = gates.get(server);
        if (failed == null) {
            return "-";
        }
        return failed.isEmpty()
                ? "passed"
                : failed.stream()
                        .map(failure -> Integer.toString(number(failure.check())))
                        .distinct()
                        .collect(Collectors.joining(" ", "failed ", ""));
    }

    /** Returns the number of a check in tables, from 1. */
    static int number(String check) {
        return Gate.checks().indexOf(check) + 1;
    }

    /** Returns the heap of an idle connection in bytes, or "n/a". */
    String heapText(Server server) {
        Long heap = heaps.get(server);
        return heap == null ? "n/a" : heap.toString();
    }

    /** Returns a line for each server that was measured. */
    List<Row> rows(Profile profile) {
        Map<Server, List<Sample>> byServer = new EnumMap<>(Server.class);
        for (Sample sample : samples) {
            if (sample.profile() == profile) {
                byServer.computeIfAbsent(sample.server(), absent -> new ArrayList<>())
                        .add(sample);
            }
        }
        List<Sample> limit = byServer.getOrDefault(Server.LIMIT, List.of());
        List<Sample> best = byServer.entrySet().stream()
                .filter(each -> each.getKey().isPeer())
                .map(Map.Entry::getValue)
                .min(Comparator.comparingDouble(each -> median(each, Sample::cpuNanos)))
                .orElse(List.of());
        return byServer.entrySet().stream()
                .map(each -> row(each.getKey(), each.getValue(), limit, best))
                .toList();
    }

    private static Row row(Server server, List<Sample> samples, List<Sample> limit, List<Sample> best) {
        return new Row(
                server,
                median(samples, Sample::cpuNanos),
                ratio(samples, limit),
                ratio(samples, best),
                median(samples, Sample::p99Nanos),
                median(samples, Sample::perSecond));
    }

    private static double ratio(List<Sample> samples, List<Sample> others) {
        Map<Integer, Double> byRound = new HashMap<>();
        others.forEach(other -> byRound.put(other.round(), other.cpuNanos()));
        return median(samples, sample -> sample.cpuNanos() / byRound.getOrDefault(sample.round(), Double.NaN));
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> number) {
        double[] sorted = samples.stream().mapToDouble(number).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
    }
}
