package io.millio.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Directories that change while they are scanned: the snapshot asks its backend and whether it is closed in between.
 */
class SnapshotTest extends SnapshotCase {
    @Test
    void aDirectoryThatIsDeletedWhileItIsScannedIsReportedDeleted() throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Snapshot snapshot = snapshot(tree);
        Path made = tree.resolve("made");
        Files.createDirectories(made.resolve("a"));
        Files.createDirectories(made.resolve("b"));
        int[] asked = {0};
        meanwhile = () -> {
            try {
                // The look at the hint, the new directory, its listing; then one of the two in it.
                if (++asked[0] == 6 && Files.exists(made)) {
                    deleteTree(made);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        replay(snapshot.look(List.of(WatchHint.entry(WatchHint.Kind.CHANGED, tree, Path.of("made")))));
        assertThat(made).doesNotExist();
        assertThat(replayed).containsKey(made);
        replay(snapshot.look(
                List.of(WatchHint.gone(made.resolve("a")), WatchHint.gone(made.resolve("b")), WatchHint.gone(made))));
        assertThat(replayed).isEmpty();
    }

    @Test
    void aDirectoryThatComesBackWhileItsEndIsLookedIntoIsANewOne() throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path made = Files.createDirectory(tree.resolve("made"));
        Snapshot snapshot = snapshot(tree);
        Files.delete(made);
        meanwhile = () -> {
            try {
                if (asksToUnwatch) {
                    Files.createFile(Files.createDirectory(made).resolve("file"));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        Findings findings = snapshot.look(List.of(WatchHint.gone(made)));
        assertThat(List.copyOf(findings.all))
                .isEqualTo(List.of(
                        FileEvent.of(FileEvent.Kind.DELETED, made, true),
                        FileEvent.of(FileEvent.Kind.CREATED, made, true),
                        FileEvent.of(FileEvent.Kind.CREATED, made.resolve("file"), false)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "inner"})
    void aLinkInPlaceOfADirectoryIsNotFollowedWhicheverHintComesFirst(String below) throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path outside = Files.createDirectories(base.resolve("outside").resolve(below));
        Files.createFile(outside.resolve("other"));
        Path current = Files.createDirectory(tree.resolve("current"));
        Path deep = Files.createDirectories(current.resolve(below));
        Snapshot snapshot = snapshot(tree);
        deleteTree(current);
        Files.createSymbolicLink(current, base.resolve("outside"));
        Findings findings = snapshot.look(List.of(
                WatchHint.entry(WatchHint.Kind.CHANGED, deep, Path.of("other")),
                WatchHint.entry(WatchHint.Kind.CHANGED, tree, Path.of("current"))));
        assertThat(findings.all).doesNotContain(FileEvent.of(FileEvent.Kind.CREATED, deep.resolve("other"), false));
        replay(findings);
        assertThat(replayed).isEqualTo(Map.of(current, false));
    }

    @Test
    void aMoveIntoADirectoryThatALinkHasReplacedIsNotReportedAsOne() throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path file = Files.createFile(tree.resolve("file"));
        Path current = Files.createDirectory(tree.resolve("current"));
        Snapshot snapshot = snapshot(tree);
        Path outside = base.resolve("outside");
        Files.move(file, current.resolve("file"));
        Files.move(current, outside);
        Files.createSymbolicLink(current, outside);
        replay(snapshot.look(moved(file, current.resolve("file"))));
        assertThat(replayed).isEqualTo(Map.of(current, false));
    }

    private static List<WatchHint> moved(Path from, Path to) {
        return List.of(
                new WatchHint(WatchHint.Kind.MOVED_FROM, parent(from), from.getFileName(), 7),
                new WatchHint(WatchHint.Kind.MOVED_TO, parent(to), to.getFileName(), 7));
    }

    @Test
    void whatIsMadeInADirectoryBeforeItsMoveIsLookedAtIsFound() throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path old = Files.createDirectory(tree.resolve("old"));
        Snapshot snapshot = snapshot(tree);
        Path now = Files.move(old, tree.resolve("now"));
        Path file = Files.createFile(now.resolve("file")); // heard of under the old name, if at all
        assertThat(List.copyOf(snapshot.look(moved(old, now)).all))
                .isEqualTo(List.of(
                        new FileEvent(FileEvent.Kind.MOVED, now, old, true),
                        FileEvent.of(FileEvent.Kind.CREATED, file, false)));
    }

    @Test
    void aMoveThatTheFilesDoNotConfirmIsReportedAsDeletedAndCreated() throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path old = Files.createFile(tree.resolve("old"));
        Snapshot snapshot = snapshot(tree);
        Path now = Files.createFile(tree.resolve("now")); // while the old one is there, so with another key
        Files.delete(old);
        assertThat(List.copyOf(snapshot.look(moved(old, now)).all))
                .isEqualTo(List.of(
                        FileEvent.of(FileEvent.Kind.DELETED, old, false),
                        FileEvent.of(FileEvent.Kind.CREATED, now, false)));
    }

    @Test
    void aFileThatAnotherIsMovedOverIsReportedAsDeleted() throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path old = Files.createFile(tree.resolve("old"));
        Path over = Files.createFile(tree.resolve("over"));
        Snapshot snapshot = snapshot(tree);
        Files.move(old, over, StandardCopyOption.REPLACE_EXISTING);
        assertThat(List.copyOf(snapshot.look(moved(old, over)).all))
                .isEqualTo(List.of(
                        FileEvent.of(FileEvent.Kind.DELETED, over, false),
                        new FileEvent(FileEvent.Kind.MOVED, over, old, false)));
    }

    /** Checks the events for hints about an entry and about its directory, which was replaced. */
    private void replacedWithItsEntry(Replacement by) throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path made = Files.createDirectory(tree.resolve("made"));
        Path file = Files.createFile(made.resolve("file"));
        Snapshot snapshot = snapshot(tree);
        Files.delete(file);
        Files.delete(made);
        by.put(made);
        assertThat(List.copyOf(snapshot.look(List.of(changed(file), changed(made))).all))
                .isEqualTo(List.of(
                        FileEvent.of(FileEvent.Kind.DELETED, file, false),
                        FileEvent.of(FileEvent.Kind.DELETED, made, true),
                        FileEvent.of(FileEvent.Kind.CREATED, made, false)));
    }

    private interface Replacement {
        void put(Path in) throws IOException;
    }

    @Test
    void anEntryOfADirectoryThatAFileHasReplacedIsGoneWhichIsNoError() throws IOException {
        replacedWithItsEntry(Files::createFile);
    }

    @Test
    void anEntryOfADirectoryThatALinkToNowhereHasReplacedIsGoneWhichIsNoError() throws IOException {
        replacedWithItsEntry(made -> Files.createSymbolicLink(made, made));
    }

    private int questions(Snapshot snapshot, List<WatchHint> hints) {
        int[] asked = {0};
        meanwhile = () -> asked[0]++;
        assertThat(snapshot.look(hints).all).isEmpty();
        meanwhile = null;
        return asked[0];
    }

    @Test
    void manyHintsToScanEverythingCauseOneScan() throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        for (int i = 0; i < 10; i++) {
            Files.createDirectory(tree.resolve("d" + i));
        }
        Snapshot snapshot = snapshot(tree);
        int ofOne = questions(snapshot, List.of(EVERYWHERE)); // at least one for each directory
        assertThat(ofOne).isGreaterThan(10);
        assertThat(questions(snapshot, Collections.nCopies(50, EVERYWHERE))).isEqualTo(ofOne + 49);
    }

    @Test
    void whatIsMovedOverASingleFileIsItsNewContent() throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path file = Files.createFile(tree.resolve("file"));
        Snapshot snapshot = new Snapshot(new Backend(), this::interfere);
        snapshot.start(Map.of(), Map.of(tree, Set.of(Path.of("file"))));
        Path draft = Files.createFile(tree.resolve("draft"));
        assertThat(snapshot.look(List.of(WatchHint.entry(WatchHint.Kind.CHANGED, tree, Path.of("draft")))).all)
                .isEmpty();
        Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(List.copyOf(snapshot.look(moved(draft, file)).all))
                .isEqualTo(List.of(FileEvent.of(FileEvent.Kind.MODIFIED, file, false)));
        Path kept = Files.move(file, tree.resolve("kept"));
        assertThat(List.copyOf(snapshot.look(moved(file, kept)).all))
                .isEqualTo(List.of(FileEvent.of(FileEvent.Kind.DELETED, file, false)));
    }

    /** What happens at the moment at which the backend is asked to watch a directory, once. */
    private void atWatching(Path directory, Change change) {
        meanwhile = () -> {
            if (directory.equals(asksToWatch)) {
                meanwhile = null;
                try {
                    change.make();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    private interface Change {
        void make() throws IOException;
    }

    private static WatchHint changed(Path path) {
        return WatchHint.entry(WatchHint.Kind.CHANGED, parent(path), Objects.requireNonNull(path.getFileName()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDirectoryThatAFileReplacesBeforeItIsWatchedIsReportedAsBoth(boolean refusing) throws IOException {
        refuses = refusing;
        Path tree = Files.createDirectory(base.resolve("tree"));
        Snapshot snapshot = snapshot(tree);
        Path made = Files.createDirectory(tree.resolve("made"));
        atWatching(made, () -> {
            Files.delete(made);
            Files.createFile(made);
        });
        assertThat(List.copyOf(snapshot.look(List.of(changed(made))).all))
                .isEqualTo(List.of(
                        FileEvent.of(FileEvent.Kind.CREATED, made, true),
                        FileEvent.of(FileEvent.Kind.DELETED, made, true),
                        FileEvent.of(FileEvent.Kind.CREATED, made, false)));
        assertThat(snapshot.look(List.of(changed(made), changed(made), EVERYWHERE)).all)
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatADirectoryReplacesIsReportedAsBothAndTheDirectoryIsWatched(boolean refusing) throws IOException {
        refuses = refusing;
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path made = Files.createFile(tree.resolve("made"));
        Snapshot snapshot = snapshot(tree);
        Files.delete(made);
        Path inner = Files.createFile(Files.createDirectory(made).resolve("inner"));
        assertThat(List.copyOf(snapshot.look(List.of(changed(made), changed(made))).all))
                .isEqualTo(List.of(
                        FileEvent.of(FileEvent.Kind.DELETED, made, false),
                        FileEvent.of(FileEvent.Kind.CREATED, made, true),
                        FileEvent.of(FileEvent.Kind.CREATED, inner, false)));
        Files.delete(inner);
        assertThat(List.copyOf(snapshot.look(List.of(changed(inner))).all))
                .isEqualTo(List.of(FileEvent.of(FileEvent.Kind.DELETED, inner, false)));
    }

    @Test
    void aDirectoryThatIsRefusedAndThereAgainIsWatched() throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Snapshot snapshot = snapshot(tree);
        Path made = Files.createDirectory(tree.resolve("made"));
        Path inner = Files.createFile(made.resolve("inner"));
        refusals = 1; // it was created again since, maybe with the same inode number: no other hint will follow
        assertThat(List.copyOf(snapshot.look(List.of(changed(made))).all))
                .isEqualTo(List.of(
                        FileEvent.of(FileEvent.Kind.CREATED, made, true),
                        FileEvent.of(FileEvent.Kind.CREATED, inner, false)));
    }

    @Test
    void aDirectoryThatIsRefusedForEverIsOneError() throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Snapshot snapshot = snapshot(tree);
        Path made = Files.createDirectory(tree.resolve("made"));
        refusals = Integer.MAX_VALUE;
        assertThat(List.copyOf(snapshot.look(List.of(changed(made), changed(made))).all))
                .hasSize(2)
                .startsWith(FileEvent.of(FileEvent.Kind.CREATED, made, true))
                .last()
                .isInstanceOfSatisfying(
                        WatchError.class, error -> assertThat(error.path()).isEqualTo(made));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDirectoryThatGoesAtTheStartIsNoNews(boolean refusing) throws IOException {
        refuses = refusing;
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path sub = Files.createDirectory(tree.resolve("sub"));
        Path goes = Files.createDirectory(sub.resolve("goes"));
        Map<Path, Boolean> roots = new LinkedHashMap<>();
        roots.put(sub, false); // so that its entries are known when they are entered from above
        roots.put(tree, true);
        atWatching(goes, () -> {
            Files.delete(goes);
            Files.createFile(goes);
        });
        Snapshot snapshot = new Snapshot(new Backend(), this::interfere);
        assertThat(snapshot.start(roots, Map.of()).all).isEmpty();
        Files.delete(goes);
        Path later = Files.createFile(sub.resolve("later"));
        assertThat(List.copyOf(snapshot.look(List.of(changed(goes), changed(later))).all))
                .isEqualTo(List.of(
                        FileEvent.of(FileEvent.Kind.DELETED, goes, false),
                        FileEvent.of(FileEvent.Kind.CREATED, later, false)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GONE", "RESCAN"})
    void aDirectoryThatALinkToAnotherReplacesIsNotFollowed(WatchHint.Kind first) throws IOException {
        Path tree = Files.createDirectory(base.resolve("tree"));
        Path made = Files.createDirectory(tree.resolve("made"));
        Files.createFile(Files.createDirectory(tree.resolve("other")).resolve("file"));
        Snapshot snapshot = snapshot(tree);
        List<Path> watched = new ArrayList<>();
        meanwhile = () -> {
            if (asksToWatch != null) {
                watched.add(asksToWatch);
            }
        };
        Files.delete(made);
        Files.createSymbolicLink(made, Path.of("other"));
        assertThat(List.copyOf(snapshot.look(List.of(new WatchHint(first, made, null, 0), changed(made))).all))
                .isEqualTo(List.of(
                        FileEvent.of(FileEvent.Kind.DELETED, made, true),
                        FileEvent.of(FileEvent.Kind.CREATED, made, false)));
        assertThat(watched).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNewDirectoryThatALinkToAnotherReplacesIsNotFollowed(boolean refusing) throws IOException {
        refuses = refusing;
        Path tree = Files.createDirectory(base.resolve("tree"));
        Files.createFile(Files.createDirectory(tree.resolve("other")).resolve("file"));
        Snapshot snapshot = snapshot(tree);
        Path made = Files.createDirectory(tree.resolve("made"));
        atWatching(made, () -> {
            Files.delete(made);
            Files.createSymbolicLink(made, Path.of("other"));
        });
        assertThat(List.copyOf(snapshot.look(List.of(changed(made))).all))
                .isEqualTo(List.of(
                        FileEvent.of(FileEvent.Kind.CREATED, made, true),
                        FileEvent.of(FileEvent.Kind.DELETED, made, true),
                        FileEvent.of(FileEvent.Kind.CREATED, made, false)));
    }
}
