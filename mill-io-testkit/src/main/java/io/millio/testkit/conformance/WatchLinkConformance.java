package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.watch.FileEvent;
import io.millio.watch.FileWatcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;

/** Single files behind links, of every file watcher: a part of {@link WatchConformance}. */
abstract class WatchLinkConformance extends WatchCase {
    private Path link(Path link, Path target) {
        try {
            return Files.createSymbolicLink(link, target);
        } catch (IOException | UnsupportedOperationException e) {
            assumeTrue(false, "no links can be made: " + e);
            throw new AssertionError(e);
        }
    }

    private void swap(Path link, Path target) throws IOException {
        Path made = link(link.resolveSibling("..swap"), target);
        Files.move(made, link, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private Path version(int number) throws IOException {
        Path directory = Files.createDirectory(tree.resolve("..version" + number));
        Files.writeString(directory.resolve("config"), "version ".repeat(number));
        return directory;
    }

    private void untilModified(int times, Path file) {
        await(() -> count(FileEvent.Kind.MODIFIED, file) >= times, () -> "not reported: change " + times);
    }

    /** As Kubernetes replaces the files of a ConfigMap: config leads to ..data/config, and ..data to a version. */
    @Test
    final void aSingleFileBehindALinkThatIsSwappedIsModified() throws IOException {
        Path first = version(1);
        Path data = link(tree.resolve("..data"), first.getFileName());
        Path file = link(tree.resolve("config"), Path.of("..data/config"));
        try (FileWatcher watcher = ready(settings().addFile(file))) {
            for (int i = 2; i < 5; i++) {
                Path next = version(i);
                swap(data, next.getFileName());
                untilModified(i - 1, file);
            }
            Files.delete(first.resolve("config"));
            Files.delete(first);
            Files.writeString(tree.resolve("..version4/config"), "written in place");
            untilModified(4, file);
            Files.delete(tree.resolve("..version4/config"));
            until(FileEvent.Kind.DELETED, file);
            assertThat(events).allMatch(event -> file.equals(event.path()));
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aSingleFileInADirectoryBehindALinkThatIsSwappedIsModified() throws IOException {
        Path current = link(tree.resolve("current"), version(1));
        Path file = current.resolve("config");
        try (FileWatcher watcher = ready(settings().addFile(file))) {
            swap(current, version(2));
            untilModified(1, file);
            Files.writeString(tree.resolve("..version2/config"), "written in place");
            untilModified(2, file);
            assertThat(events).allMatch(event -> file.equals(event.path()));
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aLinkThatLeadsToAWatchedDirectoryTakesNothingFromIt() throws IOException {
        Path whole = Files.createDirectory(tree.resolve("whole"));
        Path other = Files.createDirectory(tree.resolve("other"));
        Path target = Files.createFile(whole.resolve("target"));
        Path file = link(other.resolve("file"), target);
        try (FileWatcher watcher = ready(settings().add(whole, true).addFile(file))) {
            Files.writeString(target, "a");
            until(FileEvent.Kind.MODIFIED, target);
            until(FileEvent.Kind.MODIFIED, file);
            Path made = Files.createFile(whole.resolve("made"));
            until(FileEvent.Kind.CREATED, made);
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }

    @Test
    final void aLinkThatLeadsNowhereIsNoFileUntilItLeadsToOne() throws IOException {
        Path target = tree.resolve("target");
        Path file = link(tree.resolve("file"), Path.of("target"));
        try (FileWatcher watcher = ready(settings().addFile(file))) {
            Files.createFile(target);
            until(FileEvent.Kind.CREATED, file);
            Files.delete(target);
            until(FileEvent.Kind.DELETED, file);
            assertThat(errors).isEmpty();
            assertThat(watcher.backend()).isEqualTo(backend());
        }
    }
}
