package io.millio.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Fails the n-th allocation, call and method entry of each scenario. A sample in every build; with
 * {@code -Dmillio.faults=all} every visit; with {@code -Dmillio.fault=Echo$Direct:STACK:17:1} one run alone.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultSweepTest {
    private static final String SCENARIOS = "io.millio.faults.scenario.";
    private static final String COMMAND =
            "mvn verify -pl mill-io-faults -am -Dtest=FaultSweepTest -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dmillio.fault=";

    /** The handlers of the scenarios, in which faults strike as well. */
    private static final Set<String> PROGRAM = Set.of("EchoHandler", "NetEchoHandler", "FileSendHandler");

    /** What is not tried, with the reason. */
    private static final Map<String, String> EXEMPT = Map.of(
            "ALLOCATION io.millio.pool.Depot.shelve:",
            "the shelf has room for all entries, from Depot.admit",
            "AFTER_CALL io.millio.pool.Depot.shelve:",
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
                        && !name.startsWith("io.millio.faults."));
    }

    private FaultScenario scenario(String name) throws ReflectiveOperationException {
        Constructor<?> constructor = loader.loadClass(SCENARIOS + name).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (FaultScenario) constructor.newInstance();
    }

    private FaultSweep sweep(String name) throws ReflectiveOperationException {
        return new FaultSweep(name, scenario(name), COMMAND + name + ":%s", EXEMPT);
    }

    @ParameterizedTest
    @CsvSource({
        "EchoScenario$Direct",
        "EchoScenario$Workers",
        "TaskScenario",
        "RegisterScenario$Direct",
        "RegisterScenario$Workers",
        "AcceptScenario$Direct",
        "AcceptScenario$Workers",
        "NetScenario$Plain",
        "NetScenario$Limited",
        "TransferScenario$Copied",
        "TransferScenario$Sent"
    })
    void nothingButWhatTheFaultStruckIsHarmed(String name) throws Throwable {
        boolean all = "all".equals(System.getProperty("millio.faults"));
        List<String> failures = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            boolean memory = kind == FaultKind.ALLOCATION || kind == FaultKind.AFTER_CALL;
            for (int width : memory ? new int[] {1, 8} : new int[] {1}) { // memory may stay scarce
                FaultSweep.Result result = sweep(name).run(kind, width, all ? Integer.MAX_VALUE : 3, 100);
                rows.add(result.row());
                failures.addAll(result.failures());
            }
        }
        System.out.println(FaultSweep.Result.head() + "\n" + String.join("\n", rows));
        assertThat(failures).isEmpty();
    }

    @Test
    void oneRunAlone() throws Throwable {
        String chosen = System.getProperty("millio.fault", "EchoScenario$Direct:ALLOCATION:1:1");
        String[] parts = chosen.split(":", -1);
        FaultSweep sweep = sweep(parts[0]);
        sweep.run(FaultKind.valueOf(parts[1]), 1, 0, 1);
        sweep.runOnce(FaultKind.valueOf(parts[1]), Integer.parseInt(parts[2]), Integer.parseInt(parts[3]));
    }
}
