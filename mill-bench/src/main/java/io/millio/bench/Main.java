package io.millio.bench;

import io.millio.bench.jsonrpc.RpcBench;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Parameter;
import io.millio.examples.cli.Syntax;
import io.millio.examples.cli.Usage;
import io.millio.examples.cli.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs a group of benchmarks and prints their tables, or lists the groups. */
final class Main {
    private static final Path LOG = Path.of("mill-bench", "target", "jmh.log");
    private static final Series.Effort USUAL = new Series.Effort(2, 3, 5, 500);
    private static final Series.Effort QUICK = new Series.Effort(1, 1, 2, 200);

    private static final Option QUICKLY =
            Declare.flag("quick", "A rough look: 1 fork, 1 warm-up and 2 measurements of 200 ms.");
    private static final Option FILTER = Declare.value("filter", "REGEX", "Only trials whose name has this in it.");
    private static final Option FORKS = Declare.value("forks", "N", "JVMs for each trial, one after the other (2).");
    private static final Option TIME = Declare.value("time", "MS", "How long an iteration is, in milliseconds (500).");
    private static final Option ITERATIONS =
            Declare.value("iterations", "N", "Measurements in each fork (5), after 3 warm-ups.");
    private static final Option LIST = Declare.flag("list", "Only prints the names of the trials.");

    private final Console console;
    private final Arguments arguments;
    private final @Nullable Group group;
    private final boolean quick;
    private final Pattern filter;
    private final boolean list;

    private Main(Console console, Arguments arguments) {
        this.console = console;
        this.arguments = arguments;
        List<String> groups = arguments.parameters();
        group = groups.isEmpty() ? null : Arguments.constant("GROUP", Group.values(), groups.get(0));
        quick = arguments.has(QUICKLY);
        filter = filter(arguments.textOf(FILTER, ""));
        list = arguments.has(LIST);
    }

    public static void main(String[] args) {
        System.exit(run(Console.standard(), args));
    }

    /** Returns the exit code. */
    static int run(Console console, String... args) {
        Syntax syntax = syntax();
        if (Arguments.askForHelp(args)) {
            new Usage(console.out()).print(syntax.name(), syntax);
            return 0;
        }
        try {
            new Main(console, syntax.parse(args)).run();
            return 0;
        } catch (UsageException e) {
            console.err().println(e.getMessage());
            new Usage(console.err()).print(syntax.name(), syntax);
            return UsageException.EXIT_CODE;
        } catch (IOException | RunnerException | InterruptedException | RuntimeException e) {
            console.err().println(syntax.name() + ": " + e + "; see " + LOG);
            console.err().flush();
            return 1;
        }
    }

    private static Syntax syntax() {
        return new Syntax(
                        "bench",
                        "Runs a group of benchmarks of Mill-IO and its peers, and prints a table of their medians.")
                .add(Parameter.optional(
                        "GROUP", "timers, execute, pools, limits, pool, heads, jsonrpc or tls; none: lists them."))
                .add(QUICKLY, FILTER, FORKS, TIME, ITERATIONS, LIST);
    }

    private static Pattern filter(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new UsageException("--filter: " + text + " is not a pattern: " + e.getDescription(), e);
        }
    }

    private void run() throws IOException, RunnerException, InterruptedException {
        PrintWriter out = console.out();
        Group chosen = group;
        if (chosen == null) {
            for (Group each : Group.values()) {
                out.printf("%-16s %s%n", each.name().toLowerCase(Locale.ROOT), each.description);
            }
            out.flush();
            return;
        }
        if (chosen == Group.JSONRPC) {
            Series.Effort effort = effort(quick ? QUICK : USUAL);
            new RpcBench(out, console.err(), Series.JVM_OPTIONS)
                    .run(effort.forks(), effort.warmups(), effort.iterations(), 2 * effort.millis());
            return;
        }
        if (chosen == Group.TLS) {
            tls(out);
            return;
        }
        List<Trial> trials = chosen.benchmarks().stream()
                .flatMap(benchmark -> Trial.of(benchmark).stream())
                .filter(trial -> filter.matcher(trial.toString()).find())
                .toList();
        if (trials.isEmpty()) {
            throw new UsageException("--filter: " + filter + " leaves nothing to run");
        }
        if (list) {
            trials.forEach(out::println);
            out.flush();
            return;
        }
        run(trials, effort(quick ? QUICK : USUAL), out);
    }

    private void tls(PrintWriter out) throws IOException {
        List<TlsLoad> loads = Stream.of(TlsLoad.values())
                .filter(load -> filter.matcher(load.toString()).find())
                .toList();
        if (loads.isEmpty()) {
            throw new UsageException("--filter: " + filter + " leaves nothing to run");
        }
        if (list) {
            loads.forEach(out::println);
            out.flush();
            return;
        }
        Series.Effort effort = effort(quick ? TlsSeries.QUICK : TlsSeries.USUAL);
        for (RatioTable table : new TlsSeries(effort, console.err()).run(loads)) {
            out.println();
            out.print(table.text());
        }
        out.flush();
    }

    private Series.Effort effort(Series.Effort base) {
        return new Series.Effort(
                arguments.intOf(FORKS, base.forks(), 1, Integer.MAX_VALUE),
                base.warmups(),
                arguments.intOf(ITERATIONS, base.iterations(), 1, Integer.MAX_VALUE),
                arguments.intOf(TIME, base.millis(), 1, Integer.MAX_VALUE));
    }

    /** Writes the output of JMH to a file and progress to standard error, so that standard output has only tables. */
    private void run(List<Trial> trials, Series.Effort effort, PrintWriter out) throws IOException, RunnerException {
        try (PrintStream log = new PrintStream(LOG.toFile(), StandardCharsets.UTF_8)) {
            Series series = new Series(
                    effort, OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL), console.err());
            for (RatioTable table : series.run(trials)) {
                out.println();
                out.print(table.text());
            }
            out.flush();
        }
    }
}
