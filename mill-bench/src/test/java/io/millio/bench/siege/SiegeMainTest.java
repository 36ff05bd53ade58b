package io.millio.bench.siege;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.examples.cli.Console;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tiny sieges from end to end, with all their processes. */
class SiegeMainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path logs;

    private int run(String... args) {
        return SiegeMain.run(new Console(new PrintWriter(out), new PrintWriter(err)), logs, args);
    }

    @Test
    @Timeout(180)
    void aSmallAttackDoesNoHarm() {
        int code = run(
                "--short",
                "--transport",
                "nio",
                "--attack",
                "idle",
                "--connections",
                "20",
                "--seconds",
                "2",
                "--heap",
                "128m");

        assertThat(code).as(() -> out + "\n" + err).isZero();
        assertThat(out.toString()).containsPattern("idle +mill-nio +yes +20 +1 .* 0/8 .* yes +0\n");
        assertThat(logs).isDirectoryContaining(file -> file.endsWith("idle-mill-nio.log"));
    }

    @Test
    void listsAttacksAndVictims() {
        assertThat(run("--list", "--peer", "netty", "--transport", "nio")).isZero();
        assertThat(out.toString().lines())
                .hasSize(Attack.values().length + 2)
                .anyMatch(line -> line.startsWith("half-handshakes "))
                .endsWith("mill-nio", "netty");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThat(run("--attack", "no-such")).isEqualTo(2);
        assertThat(run("--peer", "no-such")).isEqualTo(2);
        assertThat(run("--transport", "no-such")).isEqualTo(2);
        assertThat(run("--heap", "large")).isEqualTo(2);
        assertThat(err.toString()).contains("--attack", "--peer", "--transport", "--heap");
    }
}
