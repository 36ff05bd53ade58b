package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.examples.cli.Console;
import io.millio.watch.FileEvent;
import io.millio.watch.FileWatcher;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileWatcherExampleTest {
    private @Nullable CommandRun changes;

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
    void aNameCannotForgeALineOrCommandTheTerminal() {
        Path forged = Path.of("/a/b\ncreated /etc/passwd\u001b[2J\u2028\u202e\\n");
        assertThat(FileWatcherExample.line(new FileEvent(FileEvent.Kind.CREATED, forged, null, false)))
                .isEqualTo("created /a/b\\u000acreated /etc/passwd\\u001b[2J\\u2028\\u202e\\\\n");
    }

    @Test
    @Timeout(60)
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "runs sh")
    void aCommandThatChangesWhatIsWatchedRunsTwiceAndThenNotAgain(@TempDir Path directory) throws Exception {
        Path runs = directory.resolve("runs");
        StringWriter err = new StringWriter();
        try (EventLoop loop = EventLoop.lowLatency();
                FileWatcher watcher = FileWatcher.builder(loop)
                        .add(directory, false)
                        .listener(event -> {
                            if (changes != null) {
                                changes.changed();
                            }
                        })
                        .start()) {
            CommandRun run =
                    new CommandRun(loop, "echo x >> '" + runs + "'", Duration.ofMillis(500), new PrintWriter(err));
            changes = run;
            loop.execute(run::changed);
            while (!err.toString().contains("two runs in a row")) {
                loop.runOnce();
            }
            assertThat(Files.readAllLines(runs)).hasSize(2);
            assertThat(watcher.backend()).isNotEmpty();
        }
    }

    @Test
    @Timeout(60)
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "runs sh")
    void aRunningCommandIsTerminatedWithAllItStarts(@TempDir Path directory) throws Exception {
        Path started = directory.resolve("started");
        String seconds = Long.toString(ThreadLocalRandom.current().nextLong(1_000_000_000L, 10_000_000_000L));
        try (EventLoop loop = EventLoop.lowLatency()) {
            String command = "i=0; while [ $i -lt 1000 ]; do sleep " + seconds + " & : > '" + started
                    + "'; i=$((i+1)); done; wait";
            CommandRun run = new CommandRun(loop, command, Duration.ofMillis(1), new PrintWriter(new StringWriter()));
            Thread thread = new Thread(loop::run);
            thread.start();
            loop.execute(run::changed);
            while (!Files.exists(started)) {
                Thread.onSpinWait();
            }
            run.close(); // while the command starts processes
            loop.stop();
            thread.join();
        }
        List<ProcessHandle> left = ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(seconds))
                .toList();
        CompletableFuture<?>[] exits = left.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(exits).get(20, TimeUnit.SECONDS);
        } finally {
            left.forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    @Timeout(60)
    void whenNothingReadsTheOutputAnyMoreItEnds(@TempDir Path directory) throws Exception {
        PrintWriter gone = new PrintWriter(new Writer() {
            @Override
            public void write(char[] text, int offset, int length) throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        StringWriter err = new StringWriter();
        Thread changes = new Thread(() -> {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                try {
                    Files.writeString(directory.resolve("file" + i % 10), "x".repeat(i % 100));
                } catch (IOException e) {
                    return; // interrupted
                }
            }
        });
        changes.start();
        try {
            assertThat(Main.run(new Console(gone, new PrintWriter(err)), "file-watcher", directory.toString()))
                    .as(err::toString)
                    .isZero();
        } finally {
            changes.interrupt();
            changes.join();
        }
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
