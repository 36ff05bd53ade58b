package io.millio.examples;

import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Syntax;
import io.millio.examples.cli.Usage;
import io.millio.examples.cli.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;

/** Runs the example that the first argument names, or lists them. */
final class Main {
    private static final int NAME_WIDTH = 16;

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(Console.standard(), args));
    }

    /** Returns the exit code. */
    static int run(Console console, String... args) {
        if (args.length == 0) {
            list(console.out());
            return 0;
        }
        if (Examples.NAMES.contains(args[0])) {
            return runExample(console, args[0], Arrays.copyOfRange(args, 1, args.length));
        }
        if (Arguments.askForHelp(args[0])) {
            help(console.out());
            return 0;
        }
        boolean option = args[0].startsWith("-");
        console.err().println((option ? "Unknown option: " : "Unknown example: ") + args[0]);
        help(console.err());
        return UsageException.EXIT_CODE;
    }

    private static int runExample(Console console, String name, String... args) {
        Syntax syntax = Examples.syntax(name);
        if (Arguments.askForHelp(args)) {
            new Usage(console.out()).print("run " + name, syntax);
            return 0;
        }
        try {
            return Examples.example(syntax.parse(args)).run(console);
        } catch (UsageException e) {
            console.err().println(e.getMessage());
            new Usage(console.err()).print("run " + name, syntax);
            return UsageException.EXIT_CODE;
        } catch (IOException | RuntimeException e) {
            console.err().println(name + ": " + Servers.reason(e));
            console.err().flush();
            return 1;
        }
    }

    private static void list(PrintWriter out) {
        for (String name : Examples.NAMES) {
            out.println(name
                    + " ".repeat(NAME_WIDTH + 1 - name.length())
                    + Examples.syntax(name).description());
        }
        out.flush();
    }

    private static void help(PrintWriter to) {
        Usage usage = new Usage(to);
        usage.synopsis("run", List.of("[--help]", "EXAMPLE"));
        usage.text("Runs an example of Mill-IO; each has a --help of its own.");
        usage.help();
        usage.text("Examples:");
        for (String name : Examples.NAMES) {
            usage.row(name, Examples.syntax(name).description());
        }
        to.flush();
    }
}
