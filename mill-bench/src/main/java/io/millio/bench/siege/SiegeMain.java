package io.millio.bench.siege;

import io.millio.bench.siege.Siege.Effort;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.examples.cli.Usage;
import io.millio.examples.cli.UsageException;
import io.millio.transport.Transport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/** The command: besieges each victim by each attack, prints a table, and for the short form judges it. */
public final class SiegeMain {
    private static final Path LOGS = Path.of("mill-bench", "target", "siege");

    /** Of the short form: those that take memory in different ways, each for a few seconds. */
    private static final List<Attack> SHORT_ATTACKS = List.of(
            Attack.UNFINISHED_FRAMES,
            Attack.SLOW_READERS,
            Attack.BROADCAST,
            Attack.RESET_STORM,
            Attack.HTTP_BODIES,
            Attack.HTTP_SLOW_READERS,
            Attack.HALF_HANDSHAKES);

    private static final int DEFAULT_SECONDS = 10;
    private static final int SHORT_SECONDS = 3;
    private static final int MEMORY_SECONDS = 10;

    private static final Option HEAP = Declare.value("heap", "SIZE", "Heap of the victim, as -Xmx takes it (64m).");
    private static final Option ATTACKS = Declare.value("attack", "NAMES", "Attacks, with commas between them (all).");
    private static final Option PEERS =
            Declare.value("peer", "NAMES", "Peers next to Mill-IO, with commas between them, or none (all).");
    private static final Option TRANSPORT =
            Declare.value("transport", "NAME", "Transport of Mill-IO, epoll or nio (both).");
    private static final Option CONNECTIONS =
            Declare.value("connections", "N", "Connections of the attackers at a time (each attack has its own).");
    private static final Option SECONDS = Declare.value("seconds", "N", "How long an attack takes (10).");
    private static final Option SHORT = Declare.flag(
            "short", "A minute of seven attacks on Mill-IO alone; exit code 1 if one of them did lasting harm.");
    private static final Option LIST = Declare.flag("list", "Only lists attacks and victims.");

    private final Console console;
    private final Arguments arguments;
    private final boolean brief;

    private SiegeMain(Console console, Arguments arguments) {
        this.console = console;
        this.arguments = arguments;
        this.brief = arguments.has(SHORT);
    }

    public static void main(String[] args) {
        System.exit(run(Console.standard(), LOGS, args));
    }

    /**
     * Returns the exit code.
     *
     * @param logs the folder for what the victims log
     */
    static int run(Console console, Path logs, String... args) {
        Syntax syntax = new Syntax(
                        "siege", "Attacks servers with a small heap on this machine, and reports what is left.")
                .add(HEAP, ATTACKS, PEERS, TRANSPORT, CONNECTIONS, SECONDS, SHORT, LIST);
        if (Arguments.askForHelp(args)) {
            new Usage(console.out()).print(syntax.name(), syntax);
            return 0;
        }
        try {
            return new SiegeMain(console, syntax.parse(args)).run(logs);
        } catch (UsageException e) {
            console.err().println(e.getMessage());
            new Usage(console.err()).print(syntax.name(), syntax);
            return UsageException.EXIT_CODE;
        } catch (IOException | GeneralSecurityException | InterruptedException | RuntimeException e) {
            console.err().println(syntax.name() + ": " + e + "; see " + logs);
            console.err().flush();
            return 1;
        }
    }

    private int run(Path logs) throws IOException, GeneralSecurityException, InterruptedException {
        PrintWriter out = console.out();
        List<Attack> attacks = attacks();
        List<Victim> victims = victims();
        Effort effort = effort();
        if (arguments.has(LIST)) {
            attacks.forEach(each -> out.printf("%-18s %s%n", each.title(), each.description));
            victims.forEach(each -> out.println(each.title()));
            out.flush();
            return 0;
        }
        Files.createDirectories(logs);
        Path folder = Files.createTempDirectory("millio-siege");
        Path keys = folder.resolve("store.p12");
        Report report = new Report(String.format(
                Locale.ROOT,
                "Siege: heap %s, %d s for each attack, %d processors, Java %s",
                effort.heap(),
                effort.attackSeconds(),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version()));
        boolean failed = false;
        try {
            ServerKeys.make(keys);
            Siege siege = new Siege(effort, logs, keys, ServerKeys.context(keys), console.err());
            for (Attack attack : attacks) {
                for (Victim victim : victims) {
                    if (victim.speaks(attack.protocol)) {
                        failed |= !besiege(siege, attack, victim, report);
                    }
                }
            }
        } finally {
            Files.deleteIfExists(keys);
            Files.delete(folder);
        }
        out.println();
        out.print(report.text());
        out.flush();
        return failed ? 1 : 0;
    }

    /** Returns whether it could be done and, in the short form, did no lasting harm. */
    private boolean besiege(Siege siege, Attack attack, Victim victim, Report report) throws InterruptedException {
        PrintWriter progress = console.err();
        progress.printf("%s against %s%n", attack.title(), victim.title());
        progress.flush();
        try {
            Outcome outcome = siege.run(attack, victim);
            report.add(outcome);
            String failures = outcome.failures();
            progress.println(failures.isEmpty() ? "  no lasting harm" : "  " + (brief ? "FAILED: " : "") + failures);
            return failures.isEmpty() || !brief;
        } catch (IOException e) {
            progress.println("  FAILED: " + e);
            return false;
        } finally {
            progress.flush();
        }
    }

    private Effort effort() {
        int seconds = arguments.intOf(SECONDS, brief ? SHORT_SECONDS : DEFAULT_SECONDS, 1, 600);
        int connections = arguments.intOf(CONNECTIONS, 0, 1, 50_000);
        String heap = arguments.textOf(HEAP, "64m");
        if (!heap.matches("[0-9]+[kKmMgG]?")) {
            throw new UsageException("--heap: '" + heap + "' is not a size as -Xmx takes it");
        }
        return brief
                ? new Effort(heap, connections, 1, 1, seconds, MEMORY_SECONDS, true)
                : new Effort(heap, connections, 3, Math.max(2, seconds / 2), seconds, MEMORY_SECONDS, false);
    }

    private List<Attack> attacks() {
        List<String> names = arguments.textsOf(ATTACKS);
        if (names == null) {
            return brief ? SHORT_ATTACKS : List.of(Attack.values());
        }
        return names.stream()
                .map(name -> Arguments.constant("--attack", Attack.values(), name))
                .toList();
    }

    private List<Victim> victims() {
        List<Victim> victims = new ArrayList<>(own());
        List<String> names = arguments.textsOf(PEERS);
        if (names == null && !brief) {
            Stream.of(Victim.values()).filter(each -> !each.isOwn()).forEach(victims::add);
        } else if (names != null && !names.equals(List.of("none"))) {
            names.forEach(name -> victims.add(Arguments.constant("--peer", Victim.values(), name)));
        }
        return victims;
    }

    private List<Victim> own() {
        boolean epoll =
                Transport.available().stream().anyMatch(each -> each.name().equals("epoll") && each.usable());
        String name = arguments.textOf(TRANSPORT);
        if (name == null) {
            List<Victim> all = epoll ? List.of(Victim.MILL_EPOLL, Victim.MILL_NIO) : List.of(Victim.MILL_NIO);
            return brief ? all.subList(0, 1) : all;
        }
        return switch (name) {
            case "nio" -> List.of(Victim.MILL_NIO);
            case "epoll" -> {
                if (!epoll) {
                    throw new UsageException("--transport: epoll can't be used here");
                }
                yield List.of(Victim.MILL_EPOLL);
            }
            default -> throw new UsageException("--transport: '" + name + "' is not one of epoll, nio");
        };
    }
}
