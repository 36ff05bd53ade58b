package io.millio.faults.scenario;

import io.millio.EventLoopBuilder;
import io.millio.faults.FaultPoint;
import io.millio.watch.FileEvent;
import io.millio.watch.FileWatcher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** A file watcher that polls: what a look that failed has missed is found by a later one. */
final class WatchScenario extends SimScenario {
    private static final Duration INTERVAL = Duration.ofMillis(50);

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return builder.direct().computePool(computePool());
    }

    @Override
    void act() throws Throwable {
        Path directory = Files.createTempDirectory("watched");
        Path below = Files.createDirectory(directory.resolve("below"));
        Path file = directory.resolve("file");
        try {
            watch(directory, below, file);
        } finally {
            for (Path each : List.of(file, below.resolve("late"), below.resolve("new"), below, directory)) {
                Files.deleteIfExists(each);
            }
        }
    }

    private void watch(Path directory, Path below, Path file) throws Throwable {
        List<FileEvent> events = new ArrayList<>();
        List<FileWatcher> started = new ArrayList<>();
        attempt(() -> started.add(FileWatcher.builder(loop)
                .add(directory, true)
                .listener(events::add)
                .errorListener(error -> caught.add(error.cause()))
                .backend("polling")
                .pollInterval(INTERVAL)
                .start()));
        if (started.isEmpty()) {
            return;
        }
        FileWatcher watcher = started.get(0);
        CompletableFuture<?>[] ready = new CompletableFuture<?>[1];
        attempt(() -> ready[0] = watcher.ready());
        runFor(200);
        Files.writeString(file, "one");
        Files.writeString(below.resolve("new"), "two");
        runFor(200);
        Files.writeString(file, "and more");
        runFor(200);
        FaultPoint.pause();
        if (ready[0] != null) {
            expect(ready[0].isDone(), "it is never ready");
        }
        boolean working = !loop.isClosed() && ready[0] != null && !ready[0].isCompletedExceptionally();
        Files.writeString(below.resolve("late"), "three");
        runFor(500);
        boolean lost = events.stream().anyMatch(each -> each.kind() == FileEvent.Kind.OVERFLOW);
        boolean found = find(events, below.resolve("late"))
                && (lost || (find(events, file) && find(events, below.resolve("new"))));
        expect(!working || found, "not reported: " + events);
        expect(found || isReported(), "the failure was not reported");
        FaultPoint.resume();
        if (!attempt(watcher::close)) {
            attempt(watcher::close);
        }
        runFor(200);
    }

    private static boolean find(List<FileEvent> events, Path path) {
        return events.stream().anyMatch(each -> Objects.equals(each.path(), path));
    }
}
