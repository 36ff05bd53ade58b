package io.millio.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fails the n-th allocation, call and method entry of each scenario. A sample in every build; with
 * {@code -Dmillio.faults=all} every visit; with {@code -Dmillio.fault=EchoScenario$Direct:STACK:17:1} one run alone.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultSweepTest {
    private static final String SCENARIOS = "io.millio.faults.scenario.";
    private static final long SEED = 7;
    private static final long OTHER_SEED = 11;
    private static final boolean ALL = "all".equals(System.getProperty("millio.faults"));
    private static final int MAX_FAILURES = 100;
    private static final String COMMAND =
            "mvn verify -pl mill-io-faults -am -Dtest=FaultSweepTest -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dmillio.fault=";

    /** The handlers of the scenarios, in which faults strike as well. */
    private static final Set<String> PROGRAM = Set.of(
            "EchoHandler",
            "NetEchoHandler",
            "SwitchingHandler",
            "ScarceHandler",
            "StartTlsHandler",
            "RelayingHandler",
            "RelayingHandler$BackHandler",
            "FileSendHandler",
            "EchoDatagramHandler",
            "HttpEchoHandler");

    /** What is not tried, with the reason. */
    private static final Map<String, String> EXEMPT = Map.of(
            "ALLOCATION io.millio.pool.Depot.shelve:",
            "the shelf has room for all entries, from Depot.admit",
            "AFTER_CALL io.millio.pool.Depot.shelve:",
            "the same",
            "STACK io.millio.faults.scenario.HttpEchoHandler.lambda$",
            "what the program's later callback throws before it can catch anything, no other code sees",
            "STACK io.millio.faults.scenario.HttpEchoHandler.answer:",
            "the same",
            "STACK io.millio.timer.",
            "a leaf of the timer wheel, whose lists stay half-linked: a known gap",
            "STACK io.millio.Reactor.settled:",
            "a shutdown waits for its deadline then, and ends");

    private final FaultClassLoader loader = new FaultClassLoader(
            FaultSweepTest.class.getClassLoader(), name -> name.startsWith("io.millio."), FaultSweepTest::isUnderTest);

    private static boolean isUnderTest(String name) {
        return name.startsWith(SCENARIOS) && PROGRAM.contains(name.substring(SCENARIOS.length()))
                || (name.startsWith("io.millio.")
                        && !name.startsWith("io.millio.testkit.")
                        && !name.equals("io.millio.internal.Interleave") // does nothing there
                        && !name.startsWith("io.millio.faults."));
    }

    private FaultScenario scenario(String name) throws ReflectiveOperationException {
        Constructor<?> constructor = loader.loadClass(SCENARIOS + name).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (FaultScenario) constructor.newInstance();
    }

    private FaultSweep sweep(String name, long seed) throws ReflectiveOperationException {
        FaultScenario scenario = scenario(name);
        scenario.seed(seed);
        return new FaultSweep(name, scenario, COMMAND + name + ":%s -Dseed=" + seed, EXEMPT);
    }

    static List<String> scenarios() {
        return List.of(
                "EchoScenario$Direct",
                "EchoScenario$Workers",
                "TaskScenario",
                "RegisterScenario$Direct",
                "RegisterScenario$Workers",
                "AcceptScenario$Direct",
                "AcceptScenario$Workers",
                "NetScenario$Plain",
                "NetScenario$Limited",
                "NetScenario$Switching",
                "NetScenario$Refusing",
                "NetScenario$Scarce",
                "RelayScenario",
                "TransferScenario$Copied",
                "TransferScenario$Sent",
                "PoolScenario",
                "UdpScenario",
                "TlsScenario",
                "StartTlsScenario",
                "HttpScenario",
                "RateLimitScenario",
                "WatchScenario");
    }

    /** How probable it is that a place is tried in every build: what takes longer is tried less often. */
    private static double chance(String name) {
        return name.endsWith("TlsScenario") ? 0.05 : 0.4;
    }

    private interface Tried {
        FaultSweep.Result run(FaultKind kind, int width) throws Throwable;
    }

    private static void check(Tried tried) throws Throwable {
        List<String> failures = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            boolean memory = kind == FaultKind.ALLOCATION || kind == FaultKind.AFTER_CALL;
            for (int width : memory ? new int[] {1, 8} : new int[] {1}) { // memory may stay scarce
                FaultSweep.Result result = tried.run(kind, width);
                rows.add(result.row());
                failures.addAll(result.failures());
            }
        }
        System.out.println(FaultSweep.Result.head() + "\n" + String.join("\n", rows));
        assertThat(failures).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void nothingButWhatTheFaultStruckIsHarmed(String name) throws Throwable {
        FaultSweep sweep = sweep(name, SEED);
        Random random = new Random(SEED);
        check((kind, width) -> ALL
                ? sweep.run(kind, width, Integer.MAX_VALUE, MAX_FAILURES)
                : sweep.sample(kind, width, chance(name), random, MAX_FAILURES));
    }

    /** Another order of events, and other visits: with {@code -Dseed=random} each time; what fails names the seed. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void thatHoldsInAnyOrderOfEvents(String name) throws Throwable {
        boolean any = "random".equals(System.getProperty("seed"));
        long seed = any ? ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE) : Long.getLong("seed", OTHER_SEED);
        System.out.println(name + " -Dseed=" + seed);
        FaultSweep sweep = sweep(name, seed);
        Random random = new Random(seed);
        try {
            check((kind, width) -> sweep.sample(kind, width, ALL ? 1 : chance(name) / 2, random, MAX_FAILURES));
        } catch (Throwable t) {
            throw new AssertionError(name + " failed with -Dseed=" + seed + ": " + t.getMessage(), t);
        }
    }

    @Test
    void oneRunAlone() throws Throwable {
        String chosen = System.getProperty("millio.fault", "EchoScenario$Direct:ALLOCATION:1:1");
        String[] parts = chosen.split(":", -1);
        FaultSweep sweep = sweep(parts[0], Long.getLong("seed", SEED));
        sweep.run(FaultKind.valueOf(parts[1]), 1, 0, 1);
        sweep.runOnce(FaultKind.valueOf(parts[1]), Integer.parseInt(parts[2]), Integer.parseInt(parts[3]));
    }
}
