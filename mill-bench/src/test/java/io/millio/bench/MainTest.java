package io.millio.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.examples.cli.Console;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(new Console(new PrintWriter(out), new PrintWriter(err)), args);
    }

    @Test
    void listsTheGroupsWithALineEach() {
        assertThat(run()).isZero();
        assertThat(out.toString().lines()).hasSize(Group.values().length).allMatch(line -> line.matches("[a-z]+ +.*"));
    }

    @Test
    void peersOfOneRowFollowOneAnother() {
        assertThat(run("timers", "--list", "--filter", "Rearm live=(4000|65536) (Mill|JDK)"))
                .isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "TimerRearm live=4000 Mill.TimerWheel",
                        "TimerRearm live=4000 Mill.EventLoop",
                        "TimerRearm live=4000 JDK.Scheduled",
                        "TimerRearm live=65536 Mill.TimerWheel",
                        "TimerRearm live=65536 Mill.EventLoop",
                        "TimerRearm live=65536 JDK.Scheduled");
    }

    @Test
    void refusesWhatLeavesNothingToMeasure() {
        assertThat(run("timers", "--filter", "no-such")).isEqualTo(2);
        assertThat(run("timers", "--forks", "0")).isEqualTo(2);
        assertThat(run("no-such-group")).isEqualTo(2);
        assertThat(err.toString()).contains("--filter").contains("--forks").contains("no-such-group");
    }
}
