package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.transport.Interest;
import io.millio.watch.WatchHint;
import io.millio.watch.WatchSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class InotifyTest {
    private final List<InotifyEvent> events = new ArrayList<>();

    private boolean isReported(InotifyEvent.Kind kind, Path path) {
        return events.stream().anyMatch(event -> event.kind() == kind && path.equals(event.path()));
    }

    @Test
    void severalPathsAreWatchedOnOneDescriptorInALoop(@TempDir Path directory) throws IOException {
        Path first = Files.createDirectory(directory.resolve("first"));
        Path second = Files.createDirectory(directory.resolve("second"));
        try (EventLoop loop = LoopbackPair.directLoop()) {
            Inotify inotify = Inotify.open();
            inotify.watch(first);
            inotify.watch(second);
            loop.register(inotify, Interest.READABLE, event -> inotify.read(events::add));
            Files.writeString(first.resolve("a"), "x");
            Files.writeString(second.resolve("b"), "x");
            while (!isReported(InotifyEvent.Kind.CLOSED_AFTER_WRITE, first.resolve("a"))
                    || !isReported(InotifyEvent.Kind.CREATED, second.resolve("b"))) {
                loop.runOnce();
            }
            Files.move(first.resolve("a"), second.resolve("a"));
            while (!isReported(InotifyEvent.Kind.MOVED_TO, second.resolve("a"))) {
                loop.runOnce();
            }
            int[] cookies = events.stream()
                    .mapToInt(InotifyEvent::cookie)
                    .filter(cookie -> cookie != 0)
                    .toArray();
            assertThat(cookies).hasSize(2);
            assertThat(cookies[0]).isEqualTo(cookies[1]);
        }
    }

    @Test
    void aBackendThatEndsByAFailureReportsIt(@TempDir Path directory) throws IOException {
        try (EventLoop loop = LoopbackPair.directLoop()) {
            IllegalStateException onPurpose = new IllegalStateException("on purpose");
            List<Throwable> failures = new ArrayList<>();
            InotifyBackend backend = InotifyBackend.open(loop, new WatchSink() {
                @Override
                public void hints(List<WatchHint> more) {
                    throw onPurpose;
                }

                @Override
                public void failed(Throwable cause) {
                    failures.add(cause);
                }
            });
            backend.watch(directory);
            Files.createFile(directory.resolve("file"));
            while (loop.registrations() > 0) {
                loop.runOnce();
            }
            loop.runOnce(); // its end is reported by then
            assertThat(failures).containsExactly(onPurpose);
        }
    }

    @Test
    void aTreeIsWatchedWithWhatIsNewInIt(@TempDir Path directory) throws IOException {
        Files.createDirectories(directory.resolve("a/b"));
        try (Inotify inotify = Inotify.open()) {
            inotify.watchTree(directory);
            Files.createDirectories(directory.resolve("new/deep"));
            Files.writeString(directory.resolve("new/deep/file"), "x");
            Files.writeString(directory.resolve("a/b/file"), "x");
            while (inotify.read(events::add) > 0) {
                // until nothing is left
            }
            assertThat(isReported(InotifyEvent.Kind.CREATED, directory.resolve("a/b/file")))
                    .isTrue();
            assertThat(isReported(InotifyEvent.Kind.CREATED, directory.resolve("new")))
                    .isTrue();
            assertThat(isReported(InotifyEvent.Kind.CREATED, directory.resolve("new/deep/file")))
                    .isTrue();
            events.clear();
            Files.writeString(directory.resolve("new/deep/later"), "x");
            while (inotify.read(events::add) > 0) {
                // until nothing is left
            }
            assertThat(isReported(InotifyEvent.Kind.CREATED, directory.resolve("new/deep/later")))
                    .isTrue();
        }
    }

    private static int longestQueue() throws IOException {
        // By lines, that is through a buffer: the system gives such a number to the first read only, however short.
        return Integer.parseInt(Files.readAllLines(Path.of("/proc/sys/fs/inotify/max_queued_events"))
                .get(0));
    }

    @Test
    void lostChangesAreReportedAsOverflow(@TempDir Path directory) throws IOException {
        int before = longestQueue();
        try (Inotify inotify = Inotify.open()) {
            int limit = Math.max(before, longestQueue()); // the system's, which others may set meanwhile
            inotify.watch(directory);
            Path[] files = {directory.resolve("a"), directory.resolve("b")};
            for (int i = 0; i <= limit; i++) {
                Files.writeString(files[i % 2], "x"); // several events each
            }
            while (inotify.read(events::add) > 0) {
                // until nothing is left
            }
            assertThat(events)
                    .as("of %s events, with a queue of %s", events.size(), limit)
                    .last()
                    .isEqualTo(new InotifyEvent(InotifyEvent.Kind.OVERFLOW, null, false, 0));
        }
    }

    @Test
    void whatIsNotWatchedAnyMoreIsSilentAndWhatIsNotThereIsRefused(@TempDir Path directory) throws IOException {
        try (Inotify inotify = Inotify.open()) {
            inotify.watch(directory);
            inotify.unwatch(directory);
            Files.writeString(directory.resolve("a"), "x");
            inotify.read(events::add);
            assertThat(events).isEmpty();
            assertThatThrownBy(() -> inotify.watch(directory.resolve("none"))).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> inotify.watchTree(directory.resolve("a"))).isInstanceOf(IOException.class);
        }
    }
}
