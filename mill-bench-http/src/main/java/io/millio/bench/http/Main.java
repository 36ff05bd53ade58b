package io.millio.bench.http;

import io.millio.bench.http.load.Profile;
import io.millio.bench.http.server.Server;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.examples.cli.Usage;
import io.millio.examples.cli.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** The command {@code bench http}: runs a comparison and writes its reports. */
final class Main {
    private static final Option QUICK =
            Declare.flag("quick", "A rough look: 2 rounds of 150 ms, after 500 ms to warm up.");
    private static final Option SERVERS =
            Declare.value("server", "NAMES", "Only these, with commas between them: " + names() + ".");
    private static final Option PROFILES =
            Declare.value("profile", "NAMES", "Only these: " + List.of(Profile.values()) + ", in any case.");
    private static final Option ROUNDS = Declare.value("rounds", "N", "Rounds of a profile (5).");
    private static final Option TIME =
            Declare.value("time", "MS", "How long a server is measured in a round, in milliseconds (2000).");
    private static final Option WARMUP =
            Declare.value("warmup", "MS", "How long a server is loaded before the first round (3000).");
    private static final Option OUT = Declare.value(
            "out",
            "DIRECTORY",
            "Where results.csv, report.html and the servers' logs go (mill-bench-http/target/report).");

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(Console.standard(), args));
    }

    /** Returns the exit code. */
    static int run(Console console, String... args) {
        Syntax syntax = new Syntax("bench http", "Compares HTTP servers: what they accept, and what a request costs.")
                .add(QUICK, SERVERS, PROFILES, ROUNDS, TIME, WARMUP, OUT);
        if (Arguments.askForHelp(args)) {
            new Usage(console.out()).print(syntax.name(), syntax);
            return 0;
        }
        try {
            Arguments arguments = syntax.parse(args);
            Path out = arguments.pathOf(OUT);
            run(plan(arguments), out == null ? Path.of("mill-bench-http", "target", "report") : out, console);
            return 0;
        } catch (UsageException e) {
            console.err().println(e.getMessage());
            new Usage(console.err()).print(syntax.name(), syntax);
            return UsageException.EXIT_CODE;
        } catch (IOException | InterruptedException e) {
            console.err().println(syntax.name() + ": " + e);
            return 1;
        }
    }

    static Plan plan(Arguments arguments) {
        Plan base = arguments.has(QUICK) ? Plan.QUICK : Plan.USUAL;
        return new Plan(
                chosen("--server", Server.values(), arguments.textsOf(SERVERS)),
                chosen("--profile", Profile.values(), arguments.textsOf(PROFILES)),
                arguments.intOf(WARMUP, base.warmupMillis(), 1, Integer.MAX_VALUE),
                arguments.intOf(ROUNDS, base.rounds(), 1, Integer.MAX_VALUE),
                arguments.intOf(TIME, base.millis(), 1, Integer.MAX_VALUE));
    }

    private static <E extends Enum<E>> List<E> chosen(String option, E[] all, @Nullable List<String> names) {
        return names == null
                ? List.of(all)
                : names.stream()
                        .map(name -> Arguments.constant(option, all, name))
                        .distinct()
                        .sorted()
                        .toList();
    }

    private static String names() {
        return String.join(
                ", ", List.of(Server.values()).stream().map(Server::label).toList());
    }

    private static void run(Plan plan, Path folder, Console console) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        long start = System.nanoTime();
        console.err()
                .println("The load takes " + plan.loadSeconds() + " s; starting, checking and connecting come on top.");
        Results results = new Comparison(plan, folder, console.err()).run();
        long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
        console.out().print(new TextReport(results).text());
        Path csv = folder.resolve("results.csv");
        Path html = folder.resolve("report.html");
        Files.writeString(csv, new CsvReport(results).text());
        Files.writeString(html, new HtmlReport(results).text());
        console.out().println("\nThis took " + seconds + " s. Each round: " + csv + "; plots: " + html);
    }
}
