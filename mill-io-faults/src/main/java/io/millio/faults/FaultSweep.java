package io.millio.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Runs a scenario once for each visit of a fault point. First it runs without a fault, which loads all classes, and
 * again to count the visits; then once for each visit that is to be tried, with the fault there.
 */
public final class FaultSweep {
    private final String name;
    private final FaultScenario scenario;
    private final String command;
    private final Map<String, String> exempt;
    private final Map<FaultSite, Boolean> exemptSites = new ConcurrentHashMap<>();

    /**
     * What a sweep has done and found.
     *
     * @param scenario the name of the scenario
     * @param kind what failed
     * @param width how many visits in a row failed
     * @param sites how many places the scenario comes to
     * @param visits how often it comes to one
     * @param tried how many visits were tried
     * @param failures the description of each run that did not hold
     * @param millis how long it took
     */
    public record Result(
            String scenario,
            FaultKind kind,
            int width,
            int sites,
            int visits,
            int tried,
            List<String> failures,
            long millis) {
        /** Returns one row of a table. */
        public String row() {
            return "| %s | %s | %d | %d | %d | %d | %d | %.1f s |"
                    .formatted(
                            scenario,
                            kind.name().toLowerCase(Locale.ROOT),
                            width,
                            sites,
                            visits,
                            tried,
                            failures.size(),
                            millis / 1e3);
        }

        /** Returns the head of the table of rows. */
        public static String head() {
            return "| scenario | fault | width | sites | visits | tried | failed | time |\n|---|---|---|---|---|---|---|---|";
        }
    }

    /**
     * Creates a sweep.
     *
     * @param name the name of the scenario, for reports
     * @param scenario of a class of a {@link FaultClassLoader}
     * @param command repeats one run, with {@code %s} for the kind, the visit and the width: {@code STACK:17:1}
     * @param exempt sites that are not tried, each with its reason: the kind, a space and the start of the location
     */
    public FaultSweep(String name, FaultScenario scenario, String command, Map<String, String> exempt) {
        this.name = name;
        this.scenario = scenario;
        this.command = command;
        this.exempt = Map.copyOf(exempt);
    }

    /**
     * Runs the scenario once for each visit.
     *
     * @param kind what fails
     * @param width how many visits in a row fail, at least 1
     * @param perSite how many visits of each place are tried, the first ones; {@link Integer#MAX_VALUE}: all
     * @param limit how many failed runs end the sweep
     * @return what was found
     * @throws Throwable if the scenario fails without a fault
     */
    public Result run(FaultKind kind, int width, int perSite, int limit) throws Throwable {
        return run(kind, width, (site, visit) -> visit <= perSite, limit);
    }

    /**
     * Runs the scenario once for each visit that is drawn, otherwise as {@link #run}.
     *
     * @param chance how probable it is that a place is tried, from 0 to 1, at one of its first three visits
     * @param random draws them
     */
    public Result sample(FaultKind kind, int width, double chance, Random random, int limit) throws Throwable {
        return run(kind, width, (site, visit) -> visit <= 3 && random.nextDouble() * 3 < chance, limit);
    }

    /** Which visits are tried. */
    private interface Choice {
        boolean tries(FaultSite site, int visitOfSite);
    }

    private Result run(FaultKind kind, int width, Choice choice, int limit) throws Throwable {
        long start = System.nanoTime();
        scenario.run();
        FaultPoint.arm(kind, 0, 0, this::isExempt);
        List<FaultSite> visits;
        try {
            scenario.run();
        } finally {
            visits = FaultPoint.disarm();
        }
        Map<FaultSite, Integer> seen = new HashMap<>();
        List<String> failures = new ArrayList<>();
        Set<FaultSite> failedSites = new LinkedHashSet<>();
        int tried = 0;
        for (int i = 0; i < visits.size() && failures.size() < limit; i++) {
            FaultSite site = visits.get(i);
            if (site == FaultPoint.BOTTOM
                    || !choice.tries(site, seen.merge(site, 1, Integer::sum))
                    || failedSites.contains(site)) {
                continue;
            }
            tried++;
            try {
                runOnce(kind, i + 1, width);
            } catch (Throwable t) {
                failedSites.add(site);
                failures.add(describe(kind, i + 1, width, site, t));
            }
        }
        long millis = (System.nanoTime() - start) / 1_000_000;
        return new Result(name, kind, width, seen.size(), visits.size(), tried, failures, millis);
    }

    /**
     * Runs the scenario once, with a fault at a visit.
     *
     * @param visit from 1 on
     * @param width how many visits in a row fail
     * @throws Throwable what the scenario throws
     */
    public void runOnce(FaultKind kind, int visit, int width) throws Throwable {
        FaultPoint.arm(kind, visit, width, this::isExempt);
        try {
            scenario.run();
        } finally {
            FaultPoint.disarm();
        }
    }

    private boolean isExempt(FaultSite site) {
        return exemptSites.computeIfAbsent(site, this::matchesExemption);
    }

    private boolean matchesExemption(FaultSite site) {
        String where = site.kind() + " " + site.location();
        return exempt.keySet().stream().anyMatch(where::startsWith);
    }

    private String describe(FaultKind kind, int visit, int width, FaultSite site, Throwable failure) {
        String text = String.valueOf(failure);
        String run = kind + ":" + visit + ":" + width;
        return name + " " + run + " at " + site + "\n    " + text.substring(0, Math.min(text.length(), 1500)) + "\n    "
                + command.formatted(run);
    }
}
