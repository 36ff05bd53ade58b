package io.millio.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** More changes than the limits of the JDK's service and of the watcher. */
class WatchOverflowTest {
    private static final int KEPT_BY_THE_JDK = 512; // events of a directory
    private static final long PATIENCE_NANOS = Duration.ofSeconds(40).toNanos();

    @TempDir
    private Path base;

    private final EventLoop loop = EventLoop.lowLatency();
    private final List<FileEvent> events = new ArrayList<>();

    @AfterEach
    void closeLoop() {
        loop.close();
    }

    private void await(String what, BooleanSupplier wanted) {
        long began = System.nanoTime();
        while (!wanted.getAsBoolean()) {
            loop.runOnce();
            assertThat(System.nanoTime() - began)
                    .as(() -> what + "; reported were " + events.size() + " events, with "
                            + events.stream()
                                    .filter(event -> event.kind() == FileEvent.Kind.OVERFLOW)
                                    .toList())
                    .isLessThan(PATIENCE_NANOS);
        }
    }

    private long count(FileEvent.Kind kind, Path path) {
        return events.stream()
                .filter(event -> event.kind() == kind && path.equals(event.path()))
                .count();
    }

    private static FileEvent overflow(@Nullable Path directory) {
        return new FileEvent(FileEvent.Kind.OVERFLOW, directory, null, true);
    }

    private static void fill(Path directory, Set<Path> made) throws IOException {
        for (int i = 0; i < KEPT_BY_THE_JDK + 100; i++) {
            made.add(Files.createFile(directory.resolve("f" + i)));
        }
    }

    private FileWatcher watch(Path tree, WatchProvider provider) throws IOException {
        FileWatcherBuilder settings = FileWatcher.builder(loop)
                .add(tree, true)
                .listener(events::add)
                .errorListener(error -> {
                    throw new AssertionError(error);
                });
        FileWatcher watcher = new FileWatcher(settings, List.of(provider));
        watcher.start(settings);
        await("the watcher is not ready", () -> watcher.ready().isDone());
        return watcher;
    }

    /**
     * The thread that empties the service is blocked in the sink while the changes are made. That the service has
     * received all of them is known by another directory of the same service, whose change is the last: it receives
     * changes in order.
     */
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere the service may receive changes out of order")
    void changesLostByTheWatchServiceAreReportedOnceAfterTheOverflow() throws Exception {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path sub = Files.createDirectory(tree.resolve("sub"));
        Path calm = Files.createDirectory(tree.resolve("calm"));
        Path doomed = Files.createFile(tree.resolve("doomed"));
        Path grows = Files.createFile(tree.resolve("grows"));
        Path last = Files.createDirectory(base.resolve("last"));
        WatchService service = FileSystems.getDefault().newWatchService();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (FileWatcher watcher = watch(tree, new Provider() {
            @Override
            public WatchBackend open(EventLoop of, WatchSink sink) {
                return WatchServiceBackend.open(service, of, hints -> {
                    held.countDown();
                    awaitQuietly(goOn);
                    sink.hints(hints);
                });
            }
        })) {
            WatchKey lastKey = last.register(service, StandardWatchEventKinds.ENTRY_CREATE);
            Set<Path> made = new HashSet<>();
            made.add(Files.createFile(tree.resolve("first")));
            assertThat(held.await(40, TimeUnit.SECONDS)).isTrue();

            Files.delete(doomed);
            fill(tree, made);
            fill(sub, made);
            Path directory = tree;
            for (int i = 0; i < 3; i++) {
                directory = Files.createDirectory(directory.resolve("new" + i));
                made.add(directory);
                fill(directory, made);
            }
            Files.writeString(grows, "some text");
            Path seen = Files.createFile(calm.resolve("seen"));
            made.add(seen);
            Files.createFile(last.resolve("file"));
            List<WatchKey> others = new ArrayList<>();
            WatchKey key = service.poll(40, TimeUnit.SECONDS);
            while (!lastKey.equals(key)) {
                others.add(Objects.requireNonNull(key, "the last change is not reported"));
                key = service.poll(40, TimeUnit.SECONDS);
            }
            others.forEach(WatchKey::reset); // gives them back with their events
            goOn.countDown();

            await(
                    "not every creation is reported",
                    () -> events.size() >= made.size()
                            && made.stream().allMatch(path -> count(FileEvent.Kind.CREATED, path) > 0));
            Path after = Files.createFile(directory.resolve("after"));
            await("a new directory is not watched", () -> count(FileEvent.Kind.CREATED, after) > 0);

            assertThat(events)
                    .filteredOn(event -> event.kind() == FileEvent.Kind.OVERFLOW)
                    .containsExactlyInAnyOrder(overflow(tree), overflow(sub));
            made.add(after);
            assertThat(events)
                    .filteredOn(event -> event.kind() == FileEvent.Kind.CREATED)
                    .extracting(FileEvent::path)
                    .doesNotHaveDuplicates()
                    .hasSize(made.size())
                    .isSubsetOf(made);
            assertThat(events)
                    .filteredOn(event -> event.kind() == FileEvent.Kind.DELETED)
                    .extracting(FileEvent::path)
                    .containsExactly(doomed);
            assertThat(events)
                    .filteredOn(event -> event.kind() == FileEvent.Kind.MODIFIED)
                    .extracting(FileEvent::path)
                    .containsExactly(grows);
            for (Path lost : List.of(tree, sub)) {
                assertThat(events.indexOf(overflow(lost)))
                        .as("reported before the changes found by its scan")
                        .isLessThan(events.indexOf(FileEvent.of(FileEvent.Kind.CREATED, lost.resolve("f0"), false)));
            }
            assertThat(watcher.backend()).isEqualTo("test");
        }
    }

    @Test
    void moreHintsThanTheLimitCauseAFullScan() throws Exception {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path sub = Files.createDirectory(tree.resolve("sub"));
        List<WatchSink> sinks = new ArrayList<>();
        try (FileWatcher watcher = watch(tree, new Provider() {
            @Override
            public WatchBackend open(EventLoop of, WatchSink sink) {
                sinks.add(sink);
                return new Deaf();
            }
        })) {
            Path file = Files.createFile(sub.resolve("file"));
            Path mark = Files.createFile(tree.resolve("mark"));
            WatchHint elsewhere = WatchHint.entry(WatchHint.Kind.CHANGED, tree, Path.of("none"));
            List<WatchHint> most = new ArrayList<>(Collections.nCopies(99_999, elsewhere));
            most.add(WatchHint.entry(WatchHint.Kind.CHANGED, tree, Path.of("mark")));
            sinks.get(0).hints(most);
            await("the mark is not reported", () -> !events.isEmpty());
            assertThat(events).containsExactly(FileEvent.of(FileEvent.Kind.CREATED, mark, false));
            events.clear();

            sinks.get(0).hints(Collections.nCopies(100_001, elsewhere));
            await("not every creation is reported", () -> count(FileEvent.Kind.CREATED, file) == 1);
            assertThat(events).containsExactly(overflow(null), FileEvent.of(FileEvent.Kind.CREATED, file, false));
            assertThat(watcher.backend()).isEqualTo("test");
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Deaf implements WatchBackend {
        @Override
        public void watch(Path directory) {}

        @Override
        public void unwatch(Path directory) {}

        @Override
        public void close() {}
    }

    private abstract static class Provider implements WatchProvider {
        @Override
        public String name() {
            return "test";
        }

        @Override
        public int priority() {
            return 0;
        }

        @Override
        public @Nullable String unusableReason(EventLoop loop) {
            return null;
        }
    }
}
