package io.millio.testkit.conformance;

import io.millio.EventLoop;
import io.millio.watch.FileEvent;
import io.millio.watch.FileWatcher;
import io.millio.watch.FileWatcherBuilder;
import io.millio.watch.WatchError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Set-up for tests of file watchers: a tree, a loop that the test drives, and the events and errors reported. */
abstract class WatchCase {
    /** The time after which an event counts as lost, so that the failure says which one is missing. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

    private static final int MAX_EVENTS_SHOWN = 50; // in a failure

    @TempDir
    Path base;

    EventLoop loop = EventLoop.lowLatency();
    Path tree = Path.of("");
    final List<FileEvent> events = new ArrayList<>();
    final List<WatchError> errors = new ArrayList<>();

    /** The name of the backend. */
    protected abstract String backend();

    /** A loop that the backend can be used with; this closes it. */
    protected EventLoop openLoop() {
        return EventLoop.lowLatency();
    }

    /** Whether the backend reports moves as such; otherwise they are reported as a deletion and a creation. */
    protected boolean tellsMoves() {
        return false;
    }

    @BeforeEach
    final void open() throws IOException {
        loop.close();
        loop = openLoop();
        tree = Files.createDirectory(base.resolve("tree"));
    }

    @AfterEach
    final void closeLoop() {
        loop.close();
    }

    FileWatcherBuilder settings() {
        return FileWatcher.builder(loop)
                .backend(backend())
                .pollInterval(Duration.ofMillis(5))
                .listener(events::add)
                .errorListener(errors::add);
    }

    FileWatcher ready(FileWatcherBuilder settings) throws IOException {
        FileWatcher watcher = settings.start();
        await(() -> watcher.ready().isDone(), () -> "the watcher is not ready");
        return watcher;
    }

    FileWatcher watchTree() throws IOException {
        return ready(settings().add(tree, true));
    }

    long count(FileEvent.Kind kind, Path path) {
        return events.stream()
                .filter(event -> event.kind() == kind && path.equals(event.path()))
                .count();
    }

    void until(FileEvent.Kind kind, Path path) {
        await(() -> count(kind, path) > 0, () -> "not reported: " + kind + " " + path);
    }

    void await(BooleanSupplier wanted, Supplier<String> missing) {
        long began = System.nanoTime();
        while (!wanted.getAsBoolean()) {
            loop.runOnce();
            if (System.nanoTime() - began > PATIENCE_NANOS) {
                throw new AssertionError(missing.get() + "\nlast reported, of " + events.size() + " events: "
                        + events.subList(Math.max(0, events.size() - MAX_EVENTS_SHOWN), events.size()) + "\nerrors: "
                        + errors);
            }
        }
    }

    /** Creates and deletes a marker file, and returns the events reported before those of the marker. */
    List<FileEvent> settled(Path directory) throws IOException {
        Path mark = Files.createFile(directory.resolve("mark"));
        until(FileEvent.Kind.CREATED, mark);
        Files.delete(mark);
        until(FileEvent.Kind.DELETED, mark);
        return events.stream().filter(event -> !mark.equals(event.path())).toList();
    }

    static FileEvent event(FileEvent.Kind kind, Path path, boolean isDirectory) {
        return new FileEvent(kind, path, null, isDirectory);
    }
}
