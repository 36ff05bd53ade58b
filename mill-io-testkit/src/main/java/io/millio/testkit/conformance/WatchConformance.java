package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.watch.FileEvent;
import io.millio.watch.FileWatcher;
import io.millio.watch.WatchError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The behaviours of every file watcher. Extend it with the name of a backend. */
@Timeout(120)
public abstract class WatchConformance extends WatchLinkConformance {
    private static final int FILES = 10_000;

    /** For subclasses. */
    protected WatchConformance() {}

    @Test
    final void aFileIsReportedFromItsCreationToItsEnd() throws IOException {
        Path file = tree.resolve("file");
        try (FileWatcher watcher = watchTree()) {
            assertThat(watcher.backend()).isEqualTo(backend());
            Files.createFile(file);
            until(FileEvent.Kind.CREATED, file);
            Files.writeString(file, "some text");
            until(FileEvent.Kind.MODIFIED, file);
            Files.delete(file);
            until(FileEvent.Kind.DELETED, file);
            assertThat(count(FileEvent.Kind.CREATED, file)).isEqualTo(1);
            assertThat(count(FileEvent.Kind.DELETED, file)).isEqualTo(1);
            assertThat(settled(tree)).last().isEqualTo(event(FileEvent.Kind.DELETED, file, false));
        }
    }

    @Test
    final void tenThousandFilesInNewNestedDirectoriesAreEachReportedOnce() throws IOException {
        Set<Path> made = new HashSet<>();
        try (FileWatcher watcher = watchTree()) {
            Path directory = tree;
            for (int i = 0; i < FILES; i++) {
                if (i % 20 == 0) {
                    directory = i % 200 == 0 ? tree.resolve("d" + i) : directory.resolve("d" + i);
                    made.add(Files.createDirectory(directory));
                }
                made.add(Files.createFile(directory.resolve("f" + i)));
            }
            Map<Path, Integer> created = new HashMap<>();
            int[] seen = {0};
            await(
                    () -> {
                        for (; seen[0] < events.size(); seen[0]++) {
                            FileEvent event = events.get(seen[0]);
                            if (event.kind() == FileEvent.Kind.CREATED && event.path() != null) {
                                created.merge(event.path(), 1, Integer::sum);
                            }
                        }
                        return created.size() >= made.size();
                    },
                    () -> made.size() - created.size() + " of " + made.size() + " not reported, such as "
                            + made.stream()
                                    .filter(path -> !created.containsKey(path))
                                    .limit(5)
                                    .toList());
            settled(directory);
            assertThat(created.keySet()).isEqualTo(made);
            assertThat(events.stream()
                            .filter(event -> event.kind() == FileEvent.Kind.CREATED && made.contains(event.path())))
                    .hasSize(made.size());
            assertThat(events)
                    .extracting(FileEvent::kind)
                    .doesNotContain(FileEvent.Kind.MOVED)
                    .filteredOn(kind -> kind == FileEvent.Kind.DELETED)
                    .hasSize(1); // the mark
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aTreeThatGoesIsReportedEntryByEntryAndANewOneOfThatNameIsWatched() throws IOException {
        Path deep = Files.createDirectories(tree.resolve("a/b"));
        Path file = Files.createFile(deep.resolve("file"));
        try (FileWatcher watcher = watchTree()) {
            for (Path each : new Path[] {file, deep, deep.resolve("..").normalize()}) {
                Files.delete(each);
                until(FileEvent.Kind.DELETED, each);
            }
            assertThat(events).hasSize(3);
            Files.createDirectories(deep);
            Files.createFile(file);
            until(FileEvent.Kind.CREATED, file);
            Files.delete(file);
            Files.delete(deep);
            Files.createDirectory(deep); // maybe with the number of the old one
            Path other = Files.createFile(deep.resolve("other"));
            until(FileEvent.Kind.CREATED, other);
            until(FileEvent.Kind.DELETED, file);
            assertThat(errors).isEmpty();
            assertThat(watcher.toString()).contains(backend());
        }
    }

    @Test
    final void aMoveIsReportedAsSuchWhereTheBackendSupportsIt() throws IOException {
        Path sub = Files.createDirectory(tree.resolve("sub"));
        Path file = Files.createFile(tree.resolve("file"));
        Path target = sub.resolve("other");
        try (FileWatcher watcher = watchTree()) {
            Files.move(file, target);
            if (tellsMoves()) {
                until(FileEvent.Kind.MOVED, target);
                assertThat(settled(tree)).containsExactly(new FileEvent(FileEvent.Kind.MOVED, target, file, false));
            } else {
                until(FileEvent.Kind.CREATED, target);
                until(FileEvent.Kind.DELETED, file);
            }
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aMovedDirectoryIsWatchedUnderItsNewName() throws IOException {
        Path inner = Files.createDirectories(tree.resolve("old/inner"));
        Files.createFile(inner.resolve("file"));
        try (FileWatcher watcher = watchTree()) {
            Path moved = Files.move(tree.resolve("old"), tree.resolve("new"));
            until(tellsMoves() ? FileEvent.Kind.MOVED : FileEvent.Kind.CREATED, moved);
            Path later = Files.createFile(moved.resolve("inner/later"));
            until(FileEvent.Kind.CREATED, later);
            Files.createDirectory(tree.resolve("old"));
            Path again = Files.createFile(tree.resolve("old/again"));
            until(FileEvent.Kind.CREATED, again);
            assertThat(events)
                    .noneMatch(event -> tree.resolve("old/inner/later").equals(event.path()));
            assertThat(count(FileEvent.Kind.DELETED, moved)).isZero();
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void withoutRecursionOnlyTheDirectoryItselfIsWatched() throws IOException {
        Path sub = Files.createDirectory(tree.resolve("sub"));
        try (FileWatcher watcher = ready(settings().add(tree, false))) {
            Files.createFile(sub.resolve("unseen"));
            Path dir = Files.createDirectory(tree.resolve("dir"));
            Files.createFile(dir.resolve("unseen"));
            assertThat(settled(tree)).containsExactly(event(FileEvent.Kind.CREATED, dir, true));
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void whatCannotBeWatchedIsReportedAndTheRestGoesOn() throws IOException {
        Path none = tree.resolve("none");
        Path file = Files.createFile(base.resolve("file"));
        Path circle = Files.createSymbolicLink(base.resolve("circle"), Path.of("circle"));
        Path goes = Files.createDirectory(base.resolve("goes"));
        Files.createSymbolicLink(tree.resolve("up"), tree); // not followed
        try (FileWatcher watcher = ready(settings()
                .add(none, true)
                .add(file, false)
                .add(circle, true)
                .add(goes, true)
                .add(tree, true))) {
            assertThat(errors).extracting(WatchError::path).containsExactly(none, file, circle);
            Files.delete(goes);
            until(FileEvent.Kind.DELETED, goes);
            await(() -> errors.size() == 4, () -> "the end of " + goes + " is not reported as an error");
            assertThat(errors).last().extracting(WatchError::path).isEqualTo(goes);
            assertThat(settled(tree)).containsExactly(event(FileEvent.Kind.DELETED, goes, true));
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aDirectoryThatCannotBeReadIsReportedOnceAndTheRestGoesOn() throws IOException {
        Path root = Files.createDirectory(base.resolve("root"));
        Path sub = Files.createDirectory(tree.resolve("sub"));
        try (UnreadableDirectory closedRoot = UnreadableDirectory.of(root);
                UnreadableDirectory closedSub = UnreadableDirectory.of(sub);
                FileWatcher watcher = ready(settings().add(root, true).add(tree, true))) {
            assertThat(errors)
                    .as("by " + watcher.backend())
                    .extracting(WatchError::path)
                    .containsExactly(closedRoot.path(), closedSub.path());
            Path made = Files.createDirectory(tree.resolve("made"));
            until(FileEvent.Kind.CREATED, made);
            assertThat(settled(made)).containsExactly(event(FileEvent.Kind.CREATED, made, true));
            assertThat(errors).hasSize(2);
        }
    }

    @Test
    final void linksThatLeadInACircleAreReportedAsLinksAndNotFollowed() throws IOException {
        Path deep = Files.createDirectories(tree.resolve("a/b"));
        Files.createSymbolicLink(deep.resolve("before"), tree);
        try (FileWatcher watcher = watchTree()) {
            Path up = Files.createSymbolicLink(deep.resolve("up"), tree.resolve("a"));
            Path self = Files.createSymbolicLink(deep.resolve("self"), deep.resolve("self"));
            Path file = Files.createFile(deep.resolve("file"));
            assertThat(settled(tree))
                    .containsExactlyInAnyOrder(
                            event(FileEvent.Kind.CREATED, up, false),
                            event(FileEvent.Kind.CREATED, self, false),
                            event(FileEvent.Kind.CREATED, file, false));
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aDirectoryThatALinkReplacesIsGoneAndTheLinkIsNotFollowed() throws IOException {
        Path release = Files.createDirectories(tree.resolve("releases/one"));
        Files.createFile(release.resolve("file"));
        Path current = Files.createDirectory(tree.resolve("current"));
        Path old = Files.createFile(current.resolve("old"));
        try (FileWatcher watcher = watchTree()) {
            Files.delete(old);
            Files.delete(current);
            Files.createSymbolicLink(current, release);
            until(FileEvent.Kind.CREATED, current);
            Path made = Files.createFile(release.resolve("made")); // which is heard of under its own path
            until(FileEvent.Kind.CREATED, made);
            assertThat(settled(tree))
                    .containsExactly(
                            event(FileEvent.Kind.DELETED, old, false),
                            event(FileEvent.Kind.DELETED, current, true),
                            event(FileEvent.Kind.CREATED, current, false),
                            event(FileEvent.Kind.CREATED, made, false));
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aDirectoryAndAFileThatReplaceEachOtherAreReportedAsBoth() throws IOException {
        Path name = Files.createDirectory(tree.resolve("name"));
        try (FileWatcher watcher = watchTree()) {
            Files.delete(name);
            Files.createFile(name);
            until(FileEvent.Kind.CREATED, name);
            Files.delete(name);
            Path inner = Files.createFile(Files.createDirectory(name).resolve("inner"));
            until(FileEvent.Kind.CREATED, inner);
            assertThat(settled(name))
                    .containsExactly(
                            event(FileEvent.Kind.DELETED, name, true),
                            event(FileEvent.Kind.CREATED, name, false),
                            event(FileEvent.Kind.DELETED, name, false),
                            event(FileEvent.Kind.CREATED, name, true),
                            event(FileEvent.Kind.CREATED, inner, false));
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aWatchedDirectoryThatComesBackIsWatchedOnlyFromAbove() throws IOException {
        Path alone = Files.createDirectory(base.resolve("alone"));
        Path both = Files.createDirectory(tree.resolve("both"));
        Files.createFile(alone.resolve("file"));
        try (FileWatcher watcher =
                ready(settings().add(alone, true).add(tree, true).add(both, false))) {
            Files.delete(alone.resolve("file"));
            Files.delete(alone);
            until(FileEvent.Kind.DELETED, alone);
            Files.delete(both);
            until(FileEvent.Kind.DELETED, both);
            await(() -> errors.size() == 2, () -> "the ends of two named directories are not reported as errors");
            assertThat(errors).extracting(WatchError::path).containsExactly(alone, both);
            events.clear();

            Files.createFile(Files.createDirectory(alone).resolve("unseen"));
            Path file = Files.createFile(Files.createDirectory(both).resolve("file"));
            until(FileEvent.Kind.CREATED, file);
            assertThat(settled(tree))
                    .containsExactly(
                            event(FileEvent.Kind.CREATED, both, true), event(FileEvent.Kind.CREATED, file, false));
            assertThat(errors).hasSize(2);
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aSingleFileIsReportedAndNothingElseOfItsDirectory() throws IOException {
        Path file = tree.resolve("config");
        Path other = Files.createFile(tree.resolve("other"));
        try (FileWatcher watcher = ready(settings().addFile(file).addFile(tree.resolve("mark")))) {
            Files.writeString(other, "a");
            Files.createDirectory(tree.resolve("directory"));
            Files.writeString(file, "a");
            until(FileEvent.Kind.CREATED, file);
            settled(tree);
            events.clear();

            // As editors save: a new file is renamed over the old one, which may be kept under another name.
            Path draft = Files.writeString(tree.resolve("draft"), "ab");
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
            until(FileEvent.Kind.MODIFIED, file);
            assertThat(settled(tree)).containsOnly(event(FileEvent.Kind.MODIFIED, file, false));
            events.clear();

            Files.move(file, tree.resolve("config~"));
            until(FileEvent.Kind.DELETED, file);
            Files.move(tree.resolve("config~"), file);
            until(FileEvent.Kind.CREATED, file);
            assertThat(settled(tree))
                    .containsExactly(
                            event(FileEvent.Kind.DELETED, file, false), event(FileEvent.Kind.CREATED, file, false));
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aSingleFileGoesWithItsDirectoryWhichIsAnError() throws IOException {
        Path directory = Files.createDirectory(tree.resolve("directory"));
        Path file = Files.createFile(directory.resolve("file"));
        Path none = base.resolve("none");
        try (FileWatcher watcher = ready(settings().addFile(file).addFile(none.resolve("file")))) {
            assertThat(errors).extracting(WatchError::path).containsExactly(none);
            Files.delete(file);
            Files.delete(directory);
            await(() -> errors.size() == 2, () -> "the end of " + directory + " is not reported as an error");
            assertThat(errors).last().extracting(WatchError::path).isEqualTo(directory);
            assertThat(events).containsExactly(event(FileEvent.Kind.DELETED, file, false));
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aSingleFileOfAWatchedDirectoryChangesNothing() throws IOException {
        Path sub = Files.createDirectory(tree.resolve("sub"));
        try (FileWatcher watcher =
                ready(settings().addFile(sub.resolve("file")).add(tree, true).addFile(tree.resolve("file")))) {
            Path file = Files.createFile(sub.resolve("file"));
            until(FileEvent.Kind.CREATED, file);
            Path other = Files.createFile(sub.resolve("other"));
            until(FileEvent.Kind.CREATED, other);
            assertThat(settled(sub)).hasSize(2);
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aWatchedDirectoryBesideASingleFileIsReportedWhenItGoes() throws IOException {
        Path sub = Files.createDirectory(tree.resolve("sub"));
        try (FileWatcher watcher =
                ready(settings().addFile(tree.resolve("mark")).add(sub, true))) {
            Files.delete(sub);
            until(FileEvent.Kind.DELETED, sub);
            assertThat(settled(tree)).containsExactly(event(FileEvent.Kind.DELETED, sub, true));
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void whatHappensToOneFileInAShortTimeIsReportedAsOne() throws IOException {
        Path file = tree.resolve("file");
        Path kept = Files.createFile(tree.resolve("kept"));
        try (FileWatcher watcher = ready(settings().add(tree, true).quietPeriod(Duration.ofMillis(300)))) {
            Files.createFile(file);
            Files.writeString(file, "a");
            Path brief = Files.createFile(tree.resolve("brief"));
            Files.writeString(kept, "a");
            Files.delete(brief);
            Files.writeString(file, "ab");
            until(FileEvent.Kind.CREATED, file);
            until(FileEvent.Kind.MODIFIED, kept);
            assertThat(events)
                    .containsExactlyInAnyOrder(
                            event(FileEvent.Kind.CREATED, file, false), event(FileEvent.Kind.MODIFIED, kept, false));
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aListenerThatThrowsDoesNotEndTheWatching() throws IOException {
        try (FileWatcher watcher = ready(settings().add(tree, true).listener(event -> {
            events.add(event);
            throw new IllegalStateException("thrown by a listener");
        }))) {
            Path first = Files.createFile(tree.resolve("first"));
            until(FileEvent.Kind.CREATED, first);
            Path second = Files.createFile(tree.resolve("second"));
            until(FileEvent.Kind.CREATED, second);
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aClosedWatcherReportsNothing() throws IOException {
        FileWatcher watcher = watchTree();
        watcher.close();
        watcher.close();
        Files.createFile(tree.resolve("unseen"));
        events.clear();
        try (FileWatcher other = ready(settings().add(base, false))) {
            Path mark = Files.createFile(base.resolve("mark"));
            until(FileEvent.Kind.CREATED, mark);
            assertThat(events).containsExactly(event(FileEvent.Kind.CREATED, mark, false));
            assertThat(other.backend()).isEqualTo(backend());
        }
        try (Stream<Path> left = Files.list(tree)) {
            assertThat(left).hasSize(1);
        }
    }
}
