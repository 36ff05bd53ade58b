package io.millio.bench.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.bench.http.load.Load;
import io.millio.bench.http.load.Profile;
import io.millio.bench.http.server.Server;
import io.millio.examples.cli.Console;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    @TempDir
    Path folder;

    private final StringWriter progress = new StringWriter();

    @BeforeEach
    void onLinux() {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
    }

    @Test
    void aServerIsCheckedMeasuredAndWeighed() throws Exception {
        Plan plan = new Plan(List.of(Server.MILL_NIO), List.of(Profile.PIPELINED, Profile.THOUSAND), 1, 2, 1);
        Results results = new Comparison(plan, folder, new PrintWriter(progress)).run();
        assertThat(results.gateText(Server.MILL_NIO)).isEqualTo("passed");
        assertThat(results.samples()).hasSize(4).allMatch(sample -> sample.cpuNanos() > 0);
        assertThat(Long.parseLong(results.heapText(Server.MILL_NIO))).isPositive();
    }

    @Test
    void theLimitAnswersEveryProfile() throws Exception {
        assumeTrue(Child.has("gcc"));
        try (ServerProcess limit = ServerProcess.start(Server.LIMIT, folder)) {
            for (Profile profile : Profile.values()) {
                try (Load load = Load.open(limit.port(), profile)) {
                    assertThat(load.run(1).requests()).isPositive();
                }
            }
            assertThat(limit.cpuNanos()).isPositive();
        }
    }

    @Test
    void refusesNamesThatItDoesNotKnow() {
        StringWriter err = new StringWriter();
        Console console = new Console(new PrintWriter(new StringWriter()), new PrintWriter(err));
        assertThat(Main.run(console, "--server", "mill-nio,no-such")).isEqualTo(2);
        assertThat(Main.run(console, "--profile", "no-such")).isEqualTo(2);
        assertThat(Main.run(console, "--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("no-such", "--rounds");
    }
}
