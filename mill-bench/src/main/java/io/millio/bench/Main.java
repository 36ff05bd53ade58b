package io.millio.bench;

import io.millio.bench.jsonrpc.RpcBench;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a group of benchmarks and prints their tables, or lists the groups. */
@Command(
        name = "bench",
        description = "Runs a group of benchmarks of Mill-IO and its peers, and prints a table of their medians.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class Main implements Callable<Integer> {
    private static final Path LOG = Path.of("mill-bench", "target", "jmh.log");
    private static final Series.Effort USUAL = new Series.Effort(2, 3, 5, 500);
    private static final Series.Effort QUICK = new Series.Effort(1, 1, 2, 200);

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "GROUP",
            description = "timers, execute, pools, limits, pool, jsonrpc or tls; none: lists them.")
    private @Nullable Group group;

    @Option(names = "--quick", description = "A rough look: 1 fork, 1 warm-up and 2 measurements of 200 ms.")
    private boolean quick;

    @Option(names = "--filter", paramLabel = "REGEX", description = "Only trials whose name has this in it.")
    private Pattern filter = Pattern.compile("");

    @Option(names = "--forks", paramLabel = "N", description = "JVMs for each trial, one after the other (2).")
    private @Nullable Integer forks;

    @Option(names = "--time", paramLabel = "MS", description = "How long an iteration is, in milliseconds (500).")
    private @Nullable Integer millis;

    @Option(names = "--iterations", paramLabel = "N", description = "Measurements in each fork (5), after 3 warm-ups.")
    private @Nullable Integer iterations;

    @Option(names = "--list", description = "Only tells the names of the trials.")
    private boolean list;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println(command.getCommandName() + ": " + failure + "; see " + LOG);
                    return CommandLine.ExitCode.SOFTWARE;
                });
    }

    @Override
    public Integer call() throws IOException, RunnerException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Group chosen = group;
        if (chosen == null) {
            for (Group each : Group.values()) {
                out.printf("%-16s %s%n", each.name().toLowerCase(Locale.ROOT), each.description);
            }
            return CommandLine.ExitCode.OK;
        }
        if (chosen == Group.JSONRPC) {
            Series.Effort effort = effort(quick ? QUICK : USUAL);
            new RpcBench(out, spec.commandLine().getErr(), Series.JVM_OPTIONS)
                    .run(effort.forks(), effort.warmups(), effort.iterations(), 2 * effort.millis());
            return CommandLine.ExitCode.OK;
        }
        if (chosen == Group.TLS) {
            return tls(out);
        }
        List<Trial> trials = chosen.benchmarks().stream()
                .flatMap(benchmark -> Trial.of(benchmark).stream())
                .filter(trial -> filter.matcher(trial.toString()).find())
                .toList();
        if (trials.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--filter: " + filter + " leaves nothing to run");
        }
        if (list) {
            trials.forEach(out::println);
            return CommandLine.ExitCode.OK;
        }
        run(trials, effort(quick ? QUICK : USUAL), out);
        return CommandLine.ExitCode.OK;
    }

    private int tls(PrintWriter out) throws IOException {
        List<TlsLoad> loads = Stream.of(TlsLoad.values())
                .filter(load -> filter.matcher(load.toString()).find())
                .toList();
        if (loads.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--filter: " + filter + " leaves nothing to run");
        }
        if (list) {
            loads.forEach(out::println);
            return CommandLine.ExitCode.OK;
        }
        Series.Effort effort = effort(quick ? TlsSeries.QUICK : TlsSeries.USUAL);
        for (RatioTable table : new TlsSeries(effort, spec.commandLine().getErr()).run(loads)) {
            out.println();
            out.print(table.text());
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private Series.Effort effort(Series.Effort base) {
        return new Series.Effort(
                given("--forks", forks, base.forks()),
                base.warmups(),
                given("--iterations", iterations, base.iterations()),
                given("--time", millis, base.millis()));
    }

    private int given(String option, @Nullable Integer value, int otherwise) {
        if (value != null && value < 1) {
            throw new ParameterException(spec.commandLine(), option + ": " + value + ", must be at least 1");
        }
        return value == null ? otherwise : value;
    }

    /** What JMH tells goes to a file; progress to standard error, so that standard output has the tables only. */
    private void run(List<Trial> trials, Series.Effort effort, PrintWriter out) throws IOException, RunnerException {
        try (PrintStream log = new PrintStream(LOG.toFile(), StandardCharsets.UTF_8)) {
            Series series = new Series(
                    effort,
                    OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL),
                    spec.commandLine().getErr());
            for (RatioTable table : series.run(trials)) {
                out.println();
                out.print(table.text());
            }
            out.flush();
        }
    }
}
