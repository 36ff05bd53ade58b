package io.millio.bench.siege;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Outcomes as text: a line for each attack and victim, and where a peer did better than Mill-IO. */
final class Report {
    private static final List<String> HEADER = List.of(
            "attack",
            "victim",
            "alive",
            "opened",
            "sources",
            "used MB",
            "RSS MB",
            "old errors",
            "p99 ms",
            "CPU %",
            "new answered",
            "first ms",
            "accepts after",
            "OOM");

    /** Times and shares that differ less are not called better: they vary as much from run to run. */
    private static final double NOTABLE_RATIO = 1.5;

    private static final double NOTABLE_SHARE = 0.1;
    private static final long NOTABLE_BYTES = 4L << 20;

    private final String title;
    private final List<Outcome> outcomes = new ArrayList<>();

    Report(String title) {
        this.title = title;
    }

    void add(Outcome outcome) {
        outcomes.add(outcome);
    }

    /** Some lines, each with an end. */
    String text() {
        List<List<String>> rows = new ArrayList<>(List.of(HEADER));
        outcomes.forEach(outcome -> rows.add(row(outcome)));
        StringBuilder text = new StringBuilder(title).append('\n');
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                int at = column;
                int width = rows.stream()
                        .mapToInt(each -> each.get(at).length())
                        .max()
                        .orElse(1);
                line.append(String.format("%" + (column < 2 ? "-" : "") + width + "s  ", row.get(column)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.append("used: heap after a collection and direct buffers, before the attack and after the ")
                .append("attackers have left; p99: of the answers on old\nconnections, next to a peaceful load with ")
                .append("answers of the same kind and during the attack; CPU: of the victim, then, of one processor;\n")
                .append("OOM: OutOfMemoryErrors logged (in frames of Mill-IO; without frames)\n")
                .append(better())
                .toString();
    }

    private static List<String> row(Outcome outcome) {
        AttackPeers.Tally attackers = outcome.attackers();
        return List.of(
                outcome.attack().title(),
                outcome.victim().title(),
                outcome.alive() ? "yes" : "NO",
                attackers == null ? "failed" : String.format(Locale.ROOT, "%,d", attackers.opened()),
                attackers == null ? "-" : Integer.toString(attackers.sources()),
                megabytes(outcome.before().used(), outcome.before().isKnown()) + " -> "
                        + megabytes(outcome.after().used(), outcome.after().isKnown()),
                megabytes(outcome.before().resident(), outcome.before().resident() >= 0) + " -> "
                        + megabytes(outcome.after().resident(), outcome.after().resident() >= 0),
                outcome.oldErrors() + "/" + WellBehavedClient.oldConnections(),
                millis(outcome.peaceMillis()) + " -> " + millis(outcome.attackMillis()),
                percent(outcome.peaceCpu()) + " -> " + percent(outcome.attackCpu()),
                percent(outcome.newShare()) + (Double.isNaN(outcome.newShare()) ? "" : "%"),
                millis(outcome.firstAnswerMillis()),
                outcome.acceptedAfter() ? "yes" : "NO",
                outcome.log().errors() == 0
                        ? "0"
                        : outcome.log().errors() + " (" + outcome.log().inLibrary() + "; "
                                + outcome.log().withoutFrames() + ")");
    }

    /** A line for each attack and measure in which a peer did notably better than the worst of Mill-IO's. */
    private String better() {
        StringBuilder text = new StringBuilder();
        for (Outcome own : outcomes) {
            if (!own.victim().isOwn()) {
                continue;
            }
            for (Outcome peer : outcomes) {
                if (peer.attack() == own.attack() && !peer.victim().isOwn()) {
                    String what = better(peer, own);
                    if (!what.isEmpty()) {
                        text.append("  %s: %s is better than %s in %s%n"
                                .formatted(
                                        own.attack().title(),
                                        peer.victim().title(),
                                        own.victim().title(),
                                        what));
                    }
                }
            }
        }
        return text.isEmpty() ? "" : "Where a peer did better:\n" + text;
    }

    private static String better(Outcome peer, Outcome own) {
        List<String> better = new ArrayList<>();
        if (!peer.alive()) {
            return ""; // its times are those of the answers before it died
        }
        if (!own.alive()) {
            better.add("being alive");
        }
        if (memoryGrowth(own) - memoryGrowth(peer) > NOTABLE_BYTES) {
            better.add("memory kept");
        }
        if (peer.oldErrors() < own.oldErrors()) {
            better.add("old connections");
        }
        if (own.attackMillis() > NOTABLE_RATIO * peer.attackMillis()) {
            better.add("p99 during the attack");
        }
        if (peer.newShare() - own.newShare() > NOTABLE_SHARE) {
            better.add("new connections");
        }
        if (own.firstAnswerMillis() > NOTABLE_RATIO * peer.firstAnswerMillis()) {
            better.add("first answers");
        }
        if (peer.acceptedAfter() && !own.acceptedAfter()) {
            better.add("accepting afterwards");
        }
        return String.join(", ", better);
    }

    private static long memoryGrowth(Outcome of) {
        return of.before().isKnown() && of.after().isKnown()
                ? of.after().used() - of.before().used()
                : Long.MAX_VALUE / 2;
    }

    private static String megabytes(long bytes, boolean known) {
        return known ? String.format(Locale.ROOT, "%.1f", bytes / 1e6) : "?";
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : Long.toString(Math.round(100 * share));
    }

    private static String millis(double millis) {
        return Double.isNaN(millis) ? "-" : String.format(Locale.ROOT, millis < 99.95 ? "%.1f" : "%,.0f", millis);
    }
}
