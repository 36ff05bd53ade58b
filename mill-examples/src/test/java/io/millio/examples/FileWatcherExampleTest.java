package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.watch.FileEvent;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileWatcherExampleTest {
    @Test
    void anEventIsALineOrJson() {
        Path from = Path.of("/a/old");
        Path path = Path.of("/a/b\"\\\n");
        FileEvent moved = new FileEvent(FileEvent.Kind.MOVED, path, from, false);
        assertThat(FileWatcherExample.json(moved))
                .isEqualTo(
                        "{\"event\":\"moved\",\"path\":\"/a/b\\\"\\\\\\n\",\"from\":\"/a/old\",\"directory\":false}");
        assertThat(FileWatcherExample.line(new FileEvent(FileEvent.Kind.CREATED, from, null, true)))
                .isEqualTo("created /a/old/");
        assertThat(FileWatcherExample.line(new FileEvent(FileEvent.Kind.OVERFLOW, null, null, true)))
                .isEqualTo("overflow");
    }

    @Test
    @Timeout(60)
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "runs sh")
    void manyChangesLeadToOneRunAndThoseDuringItToOneMore(@TempDir Path directory) throws Exception {
        Path runs = directory.resolve("runs");
        Path go = directory.resolve("go");
        StringWriter err = new StringWriter();
        try (EventLoop loop = EventLoop.lowLatency()) {
            String command = "echo x >> '" + runs + "'; while ! test -e '" + go + "'; do sleep 0.01; done; exit 3";
            CommandRun run = new CommandRun(loop, command, Duration.ofMillis(1), new PrintWriter(err));
            loop.execute(() -> {
                run.changed();
                run.changed();
            });
            while (!Files.exists(runs)) {
                loop.runOnce();
            }
            run.changed();
            run.changed();
            Files.createFile(go);
            while (err.toString().lines().count() < 2) {
                loop.runOnce();
            }
            assertThat(Files.readAllLines(runs)).hasSize(2);
            assertThat(err.toString()).contains("exit 3");
        }
    }
}
