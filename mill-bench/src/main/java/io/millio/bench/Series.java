package io.millio.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs trials and gathers what they measure. Each fork of a trial is a run of its own, and the forks of peers
 * alternate, so that what the machine does meanwhile hits all alike.
 */
final class Series {
    private static final String BYTES = "gc.alloc.rate.norm";

    /**
     * Of each fork. The collector is the usual one, and the heap's pages are there before anything is measured. Netty
     * may use Unsafe, as it would like to, and looks for no leaks, as Mill-IO's pools don't by default. Options that a
     * JDK does not know yet are passed over.
     */
    static final List<String> JVM_OPTIONS = List.of(
            "-Xms2g",
            "-Xmx2g",
            "-XX:+UseG1GC",
            "-XX:+AlwaysPreTouch",
            "-XX:AutoBoxCacheMax=8192",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.noUnsafe=false",
            "-Dio.netty.leakDetection.level=disabled");

    private static final List<String> JMH_OPTIONS =
            List.of("-Djmh.executor=CUSTOM", "-Djmh.executor.class=" + FastThreads.class.getName());

    /** How long and how often: forks, iterations to warm up and to measure, and the time of each. */
    record Effort(int forks, int warmups, int iterations, int millis) {}

    private final Effort effort;
    private final OutputFormat log;
    private final PrintWriter progress;
    private final Map<Class<?>, RatioTable> tables = new LinkedHashMap<>();

    Series(Effort effort, OutputFormat log, PrintWriter progress) {
        this.effort = effort;
        this.log = log;
        this.progress = progress;
    }

    List<RatioTable> run(List<Trial> trials) throws RunnerException {
        List<List<Trial>> rows = new ArrayList<>();
        for (Trial trial : trials) {
            if (rows.isEmpty() || !rows.get(rows.size() - 1).get(0).row().equals(trial.row())) {
                rows.add(new ArrayList<>());
            }
            rows.get(rows.size() - 1).add(trial);
        }
        for (List<Trial> peers : rows) {
            for (int fork = 0; fork < effort.forks; fork++) {
                for (Trial trial : peers) {
                    measure(trial);
                }
            }
        }
        return List.copyOf(tables.values());
    }

    private void measure(Trial trial) throws RunnerException {
        List<Double> scores = new ArrayList<>();
        for (RunResult result : fork(trial)) {
            result.getBenchmarkResults()
                    .forEach(fork -> fork.getIterationResults()
                            .forEach(iteration ->
                                    scores.add(add(trial, result.getParams().getMode(), iteration))));
        }
        progress.printf(Locale.ROOT, "%s: %,.1f ns%n", trial, RatioTable.median(scores));
        progress.flush();
    }

    private double add(Trial trial, Mode mode, IterationResult iteration) {
        Result<?> primary = iteration.getPrimaryResult();
        boolean sampled = mode == Mode.SampleTime;
        double score = sampled ? primary.getStatistics().getPercentile(50) : primary.getScore();
        Result<?> bytes = iteration.getSecondaryResults().get(BYTES);
        String title = "%s, ns %s (bytes allocated)"
                .formatted(trial.benchmark().getSimpleName(), sampled ? "at the median sample" : "for each");
        tables.computeIfAbsent(trial.benchmark(), absent -> new RatioTable(title))
                .add(trial.row(), trial.subject(), score, bytes == null ? Double.NaN : bytes.getScore());
        return score;
    }

    private Collection<RunResult> fork(Trial trial) throws RunnerException {
        TimeValue time = TimeValue.milliseconds(effort.millis);
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + trial.benchmark().getName().replace(".", "\\.") + "\\.")
                .forks(1)
                .warmupIterations(effort.warmups)
                .warmupTime(time)
                .measurementIterations(effort.iterations)
                .measurementTime(time)
                .jvmArgs(Stream.concat(JVM_OPTIONS.stream(), JMH_OPTIONS.stream())
                        .toArray(String[]::new))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true);
        if (trial.benchmark() == TimerExpire.class) {
            options.operationsPerInvocation(Integer.parseInt(trial.parameters().getOrDefault("live", "1")));
        }
        trial.jmhParameters().forEach(options::param);
        return new Runner(options.build(), log).run();
    }
}
