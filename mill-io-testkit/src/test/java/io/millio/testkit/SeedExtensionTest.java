package io.millio.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.millio.EventLoop;
import io.millio.Repeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** How seeds become tests: what each has for its own, what ends them, and what a failure says. */
class SeedExtensionTest {
    /** What happened: names of tests with how they ended, and lines of the tests' own. */
    private static final List<String> LOG = new ArrayList<>();

    /** Runs the tests of a class; returns the failures. */
    private static List<Throwable> run(Class<?> tests) {
        LOG.clear();
        Properties set = System.getProperties();
        Properties none = (Properties) set.clone();
        none.keySet().removeIf(name -> name.toString().startsWith("millio.seed"));
        System.setProperties(none);
        try {
            return runAsAnnotated(tests);
        } finally {
            System.setProperties(set);
        }
    }

    private static List<Throwable> runAsAnnotated(Class<?> tests) {
        List<Throwable> failures = new ArrayList<>();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(tests))
                .build();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                    LOG.add(test.getDisplayName() + " " + result.getStatus());
                }
                if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                    result.getThrowable().ifPresent(failures::add);
                }
            }
        });
        return failures;
    }

    // The classes have names that the build does not run.

    static class Fields {
        private boolean used;

        @BeforeEach
        void setUp(SimNetwork network) {
            LOG.add("set up " + network.seed());
        }

        @Seeds(3)
        void sees(SimNetwork network) {
            LOG.add("runs " + network.seed() + (used ? " in a used instance" : ""));
            used = true;
        }

        @AfterEach
        void tearDown(SimNetwork network) {
            LOG.add("tear down " + network.seed());
        }
    }

    @Test
    void eachSeedHasAnInstanceAndASetUpOfItsOwn() {
        assertThat(run(Fields.class)).isEmpty();
        assertThat(LOG)
                .containsExactly(
                        "set up 1",
                        "runs 1",
                        "tear down 1",
                        "seed 1 SUCCESSFUL",
                        "set up 2",
                        "runs 2",
                        "tear down 2",
                        "seed 2 SUCCESSFUL",
                        "set up 3",
                        "runs 3",
                        "tear down 3",
                        "seed 3 SUCCESSFUL");
    }

    static class Failing {
        @Seeds(1_000_000_000)
        void failing(SimNetwork network) {
            network.host("a");
            network.note("100 % of it");
            Assumptions.assumeFalse(network.seed() == 2);
            if (network.seed() == 4) {
                throw new IllegalStateException("on purpose");
            }
        }
    }

    @Test
    void theFirstFailureIsTheLastRunNamesItsSeedAndShowsTheTrace() {
        List<Throwable> failures = run(Failing.class);
        assertThat(LOG).containsExactly("seed 1 SUCCESSFUL", "seed 2 ABORTED", "seed 3 SUCCESSFUL", "seed 4 FAILED");
        assertThat(failures).hasSize(1);
        assertThat(failures.get(0))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("seed 4 of failing")
                .hasMessageContaining("@Seed(4)")
                .hasMessageContaining("on purpose")
                .hasMessageContaining("0.000 000 000  note  100 % of it")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    static class FailingSetUp {
        @BeforeEach
        void setUp(SimNetwork network) {
            throw new IllegalStateException("set up " + network.seed());
        }

        @Seeds(3)
        void neverRuns(SimNetwork network) {
            LOG.add("runs");
        }
    }

    @Test
    void aFailingSetUpIsAFailureOfTheSeed() {
        List<Throwable> failures = run(FailingSetUp.class);
        assertThat(LOG).containsExactly("seed 1 FAILED");
        assertThat(failures.get(0)).hasMessageContaining("@Seed(1)").hasMessageContaining("set up 1");
    }

    static class OneSeed {
        @Seed(77)
        @Seeds(5)
        void runs(SimNetwork network) {
            LOG.add("runs " + network.seed());
        }
    }

    @Test
    void oneSeedReplacesTheOthers() {
        assertThat(run(OneSeed.class)).isEmpty();
        assertThat(LOG).containsExactly("runs 77", "seed 77 SUCCESSFUL");
    }

    static class EndlessDrive {
        @Seeds(value = 3, timeoutSeconds = 1)
        void endless(SimNetwork network) {
            EventLoop loop = network.host("a").loop();
            loop.scheduleRepeating(
                    Duration.ofSeconds(1), Duration.ofSeconds(1), Repeat.FIXED_RATE, () -> network.note("ticks"));
            while (true) {
                network.runFor(Duration.ofSeconds(10));
            }
        }
    }

    static class EndlessWait {
        @Seeds(value = 3, timeoutSeconds = 1)
        void endless(SimNetwork network) throws InterruptedException {
            network.note("waits");
            new CountDownLatch(1).await();
        }
    }

    @Test
    void aTimeOutEndsWhatDrivesTheNetworkAndWhatWaits() {
        for (Class<?> each : List.of(EndlessDrive.class, EndlessWait.class)) {
            List<Throwable> failures = run(each);
            assertThat(LOG).containsExactly("seed 1 FAILED");
            assertThat(failures.get(0))
                    .hasMessageContaining("seed 1 of endless")
                    .hasMessageContaining("timed out after 1 s of real time (timeoutSeconds of @Seeds)")
                    .hasMessageContaining(each == EndlessWait.class ? "note  waits" : "note  ticks");
        }
    }

    static class Twice {
        @Seeds(value = 3, twice = 2)
        void runs(SimNetwork network) {
            network.host("a").loop().execute(() -> {});
            network.run();
        }
    }

    @Test
    void theFirstSeedsAreRunTwice() {
        assertThat(run(Twice.class)).isEmpty();
        assertThat(LOG)
                .containsExactly(
                        "seed 1 SUCCESSFUL",
                        "seed 1 again SUCCESSFUL",
                        "seed 2 SUCCESSFUL",
                        "seed 2 again SUCCESSFUL",
                        "seed 3 SUCCESSFUL");
    }

    static class Different {
        private static int runs;

        @Seeds(value = 3, twice = 1)
        void notes(SimNetwork network) {
            network.note("begin");
            network.note("run " + ++runs);
        }
    }

    @Test
    void aSecondRunThatDiffersIsAFailureThatShowsWhere() {
        List<Throwable> failures = run(Different.class);
        assertThat(LOG).containsExactly("seed 1 SUCCESSFUL", "seed 1 again FAILED");
        assertThat(failures.get(0))
                .hasMessageContaining("seed 1 of notes gave two different runs, from line 2 of the trace on:")
                .hasMessageContaining("note  run 1\nand\n0.000 000 000  note  run 2");
    }

    static class Fresh {
        static final List<Long> SEEDS = new ArrayList<>();

        @Seeds(value = 2, fresh = 2)
        void runs(SimNetwork network) {
            SEEDS.add(network.seed());
        }
    }

    @Test
    void freshSeedsFollowFromADrawnNumber() {
        run(Fresh.class);
        run(Fresh.class);
        List<Long> seen = Fresh.SEEDS;
        assertThat(seen).hasSize(8).startsWith(1L, 2L);
        assertThat(seen.get(3)).isEqualTo(seen.get(2) + 1);
        assertThat(seen.get(2)).isGreaterThan(Integer.MAX_VALUE).isNotEqualTo(seen.get(6));
    }

    static class NeedsTwoPauses {
        @Seeds(5)
        void isFast(SimNetwork network) {
            SimHost one = network.host("one").spuriousWakeUps(0.9);
            SimHost other = network.host("other").spuriousWakeUps(0.9);
            EventLoop first = one.loop();
            EventLoop second = other.loop();
            List<Duration> done = new ArrayList<>();
            network.after(Duration.ZERO, () -> network.partition("one", "other"));
            network.after(Duration.ZERO, () -> one.pause(Duration.ofSeconds(5)));
            network.after(Duration.ofSeconds(1), () -> network.heal("one", "other"));
            network.after(Duration.ofSeconds(4), () -> other.pause(Duration.ofSeconds(5)));
            network.after(Duration.ofSeconds(20), () -> network.jump(Duration.ofSeconds(1)));
            Duration milli = Duration.ofMillis(1);
            first.schedule(milli, () -> second.schedule(milli, () -> done.add(network.now())));
            network.run();
            assertThat(done.get(0)).as("time").isLessThan(Duration.ofSeconds(9));
        }
    }

    @Test
    void aFailureNamesTheFewFaultsThatItNeeds() {
        List<Throwable> failures = run(NeedsTwoPauses.class);
        assertThat(LOG)
                .startsWith("seed 1 ABORTED", "seed 1 with fewer faults SUCCESSFUL")
                .contains("seed 1 with fewer faults ABORTED")
                .endsWith("seed 1 with the faults it needs FAILED");
        assertThat(failures).hasSize(1);
        assertThat(failures.get(0))
                .hasMessageMatching("(?s).*Of [0-9]+ faults it needs 2:\n  0.000 000 000  one  a host pauses\n"
                        + "  4.000 000 000  other  a host pauses\nAnd with these alone:.*")
                .hasMessageContaining("time")
                .hasMessageContaining("pauses for 5000000 us");
    }

    static class FailsAnyway {
        @Seeds(5)
        void fails(SimNetwork network) {
            network.host("a").spuriousWakeUps(0.9).loop().schedule(Duration.ofSeconds(1), () -> {});
            network.run();
            throw new IllegalStateException("in any case");
        }
    }

    @Test
    void aFailureThatNeedsNoFaultSaysSo() {
        List<Throwable> failures = run(FailsAnyway.class);
        assertThat(LOG).contains("seed 1 with the faults it needs FAILED").hasSize(3);
        assertThat(failures.get(0))
                .hasMessageContaining("It fails without any fault.")
                .hasMessageContaining("in any case");
    }

    static class Unrepeatable {
        private static int runs;

        @Seeds(5)
        void fails(SimNetwork network) {
            network.host("a").pause(Duration.ofSeconds(1));
            network.run();
            if (runs++ == 0) {
                throw new IllegalStateException("once");
            }
        }
    }

    @Test
    void aFailureThatDoesNotComeAgainIsStillAFailure() {
        List<Throwable> failures = run(Unrepeatable.class);
        assertThat(failures).hasSize(1);
        assertThat(failures.get(0))
                .hasMessageContaining("seed 1 failed, but not again in the same way")
                .hasMessageContaining("once");
    }
}
