package io.millio.bench.jsonrpc;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Measures calls a second and the server's processor time for each. The servers run all the time and are put under load
 * in turn, so that what the machine does meanwhile hits all alike; one without load uses nothing.
 */
public final class RpcBench {
    private static final int CONNECTIONS = 64;
    private static final int IN_FLIGHT = 16;
    private static final int SETTLE_MILLIS = 200;

    private final PrintWriter out;
    private final PrintWriter progress;
    private final List<String> jvmOptions;

    /**
     * A benchmark.
     *
     * @param jvmOptions of each server
     */
    public RpcBench(PrintWriter out, PrintWriter progress, List<String> jvmOptions) {
        this.out = out;
        this.progress = progress;
        this.jvmOptions = jvmOptions;
    }

    private record Score(double callsPerSecond, double cpuNanos) {}

    /**
     * Runs it and prints a table.
     *
     * @param generations how often all servers are started anew
     * @param warmups how many rounds are not counted
     * @param rounds how many are, in each generation
     * @param millis how long each server is under load in a round
     */
    public void run(int generations, int warmups, int rounds, int millis) throws IOException, InterruptedException {
        Map<RpcSubject, List<Score>> scores = new EnumMap<>(RpcSubject.class);
        for (RpcSubject each : RpcSubject.all()) {
            if (each.missing() == null) {
                scores.put(each, new ArrayList<>());
            } else {
                progress.println(each.title + " is left out: " + each.missing());
            }
        }
        for (int generation = 0; generation < generations; generation++) {
            Map<RpcSubject, RpcServerProcess> servers = new EnumMap<>(RpcSubject.class);
            try {
                for (RpcSubject each : scores.keySet()) {
                    servers.put(each, RpcServerProcess.start(each, jvmOptions));
                }
                for (int round = 0; round < warmups + rounds; round++) {
                    for (Map.Entry<RpcSubject, List<Score>> each : scores.entrySet()) {
                        Score score = measure(Objects.requireNonNull(servers.get(each.getKey())), millis);
                        if (round >= warmups) {
                            each.getValue().add(score);
                        }
                        progress.println(line(each.getKey().title, score) + (round < warmups ? "  (warm-up)" : ""));
                        progress.flush();
                    }
                }
            } finally {
                servers.values().forEach(RpcServerProcess::close);
            }
        }
        print(scores);
    }

    private static Score measure(RpcServerProcess server, int millis) throws IOException, InterruptedException {
        try (RpcLoad load = new RpcLoad(server.port, CONNECTIONS, IN_FLIGHT)) {
            Thread.sleep(SETTLE_MILLIS);
            long cpu = server.cpuNanos();
            long calls = load.answered();
            long from = System.nanoTime();
            Thread.sleep(millis);
            long nanos = System.nanoTime() - from;
            long answered = load.answered() - calls;
            if (answered == 0) {
                throw new IOException("no call was answered in " + millis + " ms");
            }
            return new Score(answered * 1e9 / nanos, (double) (server.cpuNanos() - cpu) / answered);
        }
    }

    private void print(Map<RpcSubject, List<Score>> scores) {
        Score best = new Score(0, Double.MAX_VALUE);
        for (Map.Entry<RpcSubject, List<Score>> each : scores.entrySet()) {
            Score median = median(each.getValue());
            if (!each.getKey().isMill() && median.callsPerSecond > best.callsPerSecond) {
                best = median;
            }
        }
        out.printf(
                Locale.ROOT,
                "JSON-RPC over TCP by lines, subtract [42,23], %d connections with %d calls in flight; medians%n",
                CONNECTIONS,
                IN_FLIGHT);
        for (Map.Entry<RpcSubject, List<Score>> each : scores.entrySet()) {
            Score median = median(each.getValue());
            out.printf(
                    Locale.ROOT,
                    "%s   %.2f times the calls a second of the best peer, %.2f times its CPU a call%n",
                    line(each.getKey().title, median),
                    median.callsPerSecond / best.callsPerSecond,
                    median.cpuNanos / best.cpuNanos);
        }
        out.flush();
    }

    private static String line(String title, Score score) {
        return String.format(
                Locale.ROOT,
                "%-22s %,12.0f calls a second %8.0f ns of server CPU a call",
                title,
                score.callsPerSecond,
                score.cpuNanos);
    }

    private static Score median(List<Score> scores) {
        return new Score(
                middle(scores.stream()
                        .mapToDouble(Score::callsPerSecond)
                        .sorted()
                        .toArray()),
                middle(scores.stream().mapToDouble(Score::cpuNanos).sorted().toArray()));
    }

    private static double middle(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
