package io.millio.bench.siege;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReportTest {
    private static final VictimLog CLEAN = new VictimLog(0, 0, 0);

    private static Outcome outcome(Victim victim, boolean alive, long usedAfter, int oldErrors, VictimLog log) {
        return new Outcome(
                Attack.IDLE,
                victim,
                10,
                alive,
                new AttackPeers.Tally(12_345, 0, 0, 1, 0),
                new Memory(8_000_000, 2_000_000, 50_000_000),
                alive ? new Memory(usedAfter, 0, 60_000_000) : Memory.UNKNOWN,
                oldErrors,
                1.25,
                250,
                0.75,
                1.5,
                0.5,
                3,
                alive,
                log);
    }

    @Test
    void saysWhatAnAttackHasLeft() {
        Report report = new Report("Title");
        report.add(outcome(Victim.MILL_NIO, true, 12_000_000, 0, CLEAN));
        report.add(outcome(Victim.NETTY, false, 0, 8, new VictimLog(7, 0, 2)));

        assertThat(report.text().lines())
                .contains("Title")
                .anyMatch(line -> line.matches("idle +mill-nio +yes +12,345 +1 +10\\.0 -> 12\\.0 +50\\.0 -> 60\\.0 +0/8"
                        + " +1\\.3 -> 250 +75 -> 150 +50% +3\\.0 +yes +0"))
                .anyMatch(line -> line.matches("idle +netty +NO .* 10\\.0 -> \\? .* 8/8 .* NO +7 \\(0; 2\\)"))
                .noneMatch(line -> line.contains("better"));
    }

    @Test
    void saysWhereAPeerDidBetter() {
        Report report = new Report("Title");
        report.add(outcome(Victim.MILL_NIO, false, 0, 3, CLEAN));
        report.add(outcome(Victim.NETTY, true, 10_000_000, 0, CLEAN));

        assertThat(report.text())
                .contains("idle: netty is better than mill-nio in being alive, memory kept, old connections,"
                        + " accepting afterwards");
    }

    @Test
    void lastingHarmIsAFailure() {
        assertThat(outcome(Victim.MILL_NIO, true, 14_000_000, 0, CLEAN).failures())
                .isEmpty();
        assertThat(outcome(Victim.MILL_NIO, true, 15_000_000, 0, CLEAN).failures())
                .contains("memory");
        assertThat(outcome(Victim.MILL_NIO, true, 1, 1, CLEAN).failures()).contains("old connections");
        assertThat(outcome(Victim.MILL_NIO, true, 1, 0, new VictimLog(1, 1, 0)).failures())
                .contains("OutOfMemoryError");
        assertThat(outcome(Victim.MILL_NIO, true, 1, 0, new VictimLog(1, 0, 0)).failures())
                .isEmpty();
        assertThat(outcome(Victim.MILL_NIO, false, 1, 0, CLEAN).failures()).contains("answer");
    }
}
