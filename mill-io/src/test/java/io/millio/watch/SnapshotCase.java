package io.millio.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot whose backend is interfered with: the test acts whenever the snapshot asks it something. */
abstract class SnapshotCase {
    static final WatchHint EVERYWHERE = new WatchHint(WatchHint.Kind.RESCAN, null, null, 0);

    @TempDir
    Path base;

    /** The files that exist by the events so far, to directory or not. */
    final TreeMap<Path, Boolean> replayed = new TreeMap<>();

    @Nullable
    Runnable meanwhile;

    boolean asksToUnwatch;

    @Nullable
    Path asksToWatch;

    /** As the JDK's service, which refuses what is no directory; or as inotify and polling, which refuse nothing. */
    boolean refuses = true;

    /** Whatever is there. */
    int refusals;

    final class Backend implements WatchBackend {
        @Override
        public void watch(Path directory) throws IOException {
            asksToWatch = directory;
            interfere();
            asksToWatch = null;
            if (refusals > 0) {
                refusals--;
                throw new NoSuchFileException(directory.toString());
            }
            if (refuses && !Files.exists(directory)) {
                throw new NoSuchFileException(directory.toString());
            }
            if (refuses && !Files.isDirectory(directory)) {
                throw new NotDirectoryException(directory.toString());
            }
        }

        @Override
        public void unwatch(Path directory) {
            asksToUnwatch = true;
            interfere();
            asksToUnwatch = false;
        }

        @Override
        public void close() {}
    }

    boolean interfere() {
        if (meanwhile != null) {
            meanwhile.run();
        }
        return false; // not closed
    }

    Snapshot snapshot(Path tree) throws IOException {
        Snapshot snapshot = new Snapshot(new Backend(), this::interfere);
        assertThat(snapshot.start(Map.of(tree, true), Map.of()).all).isEmpty();
        replayed.clear();
        replayed.putAll(files(tree));
        return snapshot;
    }

    static Map<Path, Boolean> files(Path tree) throws IOException {
        TreeMap<Path, Boolean> found = new TreeMap<>();
        try (Stream<Path> all = Files.walk(tree)) {
            all.filter(path -> !path.equals(tree)).forEach(path -> found.put(path, isDirectory(path)));
        }
        return found;
    }

    static boolean isDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Applies the events; each must be possible after those before. */
    void replay(Findings findings) {
        for (Record each : findings.all) {
            assertThat(each).as(each::toString).isInstanceOf(FileEvent.class);
            FileEvent event = (FileEvent) each;
            Path path = event.path();
            if (path == null) {
                continue;
            }
            switch (event.kind()) {
                case CREATED ->
                    assertThat(replayed.put(path, event.isDirectory()))
                            .as(event::toString)
                            .isNull();
                case MODIFIED ->
                    assertThat(replayed.get(path)).as(event::toString).isEqualTo(false);
                case DELETED -> {
                    assertThat(below(path)).as(event::toString).isEmpty();
                    assertThat(replayed.remove(path)).as(event::toString).isEqualTo(event.isDirectory());
                }
                case MOVED -> {
                    Path from = Objects.requireNonNull(event.from());
                    assertThat(replayed).as(event::toString).doesNotContainKey(path);
                    for (Path old : below(from)) {
                        replayed.put(path.resolve(from.relativize(old)), replayed.remove(old));
                    }
                    assertThat(replayed.put(path, event.isDirectory())).isNull();
                    assertThat(replayed.remove(from)).as(event::toString).isEqualTo(event.isDirectory());
                }
                case OVERFLOW -> {
                    // says nothing about files
                }
            }
        }
    }

    List<Path> below(Path directory) {
        return replayed.keySet().stream()
                .filter(path -> path.startsWith(directory) && !path.equals(directory))
                .toList();
    }

    static void deleteTree(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    static Path parent(Path path) {
        return Objects.requireNonNull(path.getParent());
    }
}
