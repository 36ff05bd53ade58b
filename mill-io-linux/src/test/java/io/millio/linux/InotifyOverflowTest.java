package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.EventLoop;
import io.millio.watch.FileEvent;
import io.millio.watch.FileWatcher;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** More changes than the system keeps, made while the loop stands still. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "inotify")
class InotifyOverflowTest {
    private static final Path LIMIT = Path.of("/proc/sys/fs/inotify/max_queued_events");
    private static final int MAX_QUEUE = 500_000;
    private static final long PATIENCE_NANOS = Duration.ofSeconds(40).toNanos();

    @TempDir
    private Path tree;

    private final List<FileEvent> events = new ArrayList<>();

    private long count(FileEvent.Kind kind, Path path) {
        return events.stream()
                .filter(event -> event.kind() == kind && path.equals(event.path()))
                .count();
    }

    /** Fails with a message that names the lost change, instead of hanging. */
    private void await(EventLoop loop, String missing, BooleanSupplier wanted) {
        long began = System.nanoTime();
        while (!wanted.getAsBoolean()) {
            loop.runOnce();
            assertThat(System.nanoTime() - began)
                    .as(() -> missing + "; events: " + events)
                    .isLessThan(PATIENCE_NANOS);
        }
    }

    private static int limit() throws IOException {
        // Not readString, which asks for one byte first: the kernel gives this number to the first read only.
        try (BufferedReader in = Files.newBufferedReader(LIMIT)) {
            return Integer.parseInt(in.readLine());
        }
    }

    /** Fills the queue: equal events are merged only if they follow one another. */
    private void flood(int changes) throws IOException {
        try (FileChannel one = FileChannel.open(tree.resolve("one"), StandardOpenOption.WRITE);
                FileChannel other = FileChannel.open(tree.resolve("other"), StandardOpenOption.WRITE)) {
            for (int i = 0; i < changes; i++) {
                (i % 2 == 0 ? one : other).write(ByteBuffer.allocate(1), 0);
            }
        }
    }

    private Set<Path> files(String name, int count) throws IOException {
        Set<Path> made = new HashSet<>();
        Path directory = tree;
        for (int i = 0; i < count; i++) {
            if (i % 10 == 5) {
                directory = directory.resolve("d");
                made.add(Files.exists(directory) ? directory : Files.createDirectory(directory));
            }
            made.add(Files.createFile(directory.resolve(name + i)));
        }
        return made;
    }

    @Test
    @Timeout(60)
    void changesThatTheSystemHasLostAreStillReportedOnce() throws IOException {
        int limit = limit();
        assumeTrue(limit <= MAX_QUEUE, "the system's queue is too long to be filled in a test: " + limit);
        Files.createFile(tree.resolve("one"));
        Files.createFile(tree.resolve("other"));
        Path doomed = Files.createFile(tree.resolve("doomed"));
        try (EventLoop loop = LoopbackPair.directLoop();
                FileWatcher watcher = FileWatcher.builder(loop)
                        .backend("inotify")
                        .add(tree, true)
                        .listener(events::add)
                        .start()) {
            await(loop, "the watcher is not ready", () -> watcher.ready().isDone());
            Set<Path> made = files("before", 50);
            flood(limit + 100);
            made.addAll(files("lost", 50));
            Files.delete(doomed);
            await(
                    loop,
                    "not every creation and deletion is reported",
                    () -> made.stream().allMatch(path -> count(FileEvent.Kind.CREATED, path) > 0)
                            && count(FileEvent.Kind.DELETED, doomed) > 0);
            Path after = Files.createFile(tree.resolve("d/d/after"));
            await(loop, after + " is not reported", () -> count(FileEvent.Kind.CREATED, after) > 0);
            assertThat(events).extracting(FileEvent::kind).contains(FileEvent.Kind.OVERFLOW);
            assertThat(made).allMatch(path -> count(FileEvent.Kind.CREATED, path) == 1);
            assertThat(count(FileEvent.Kind.DELETED, doomed)).isEqualTo(1);
            assertThat(count(FileEvent.Kind.MODIFIED, tree.resolve("one"))).isPositive();
            assertThat(events)
                    .filteredOn(event -> event.kind() == FileEvent.Kind.DELETED)
                    .hasSize(1);
        }
    }
}
