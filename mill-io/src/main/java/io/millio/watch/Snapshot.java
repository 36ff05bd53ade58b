package io.millio.watch;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The last listings of the watched directories. Changes are found by listing again and comparing; hints only say where
 * to look. So each is reported once, however many hints there are, and lost hints cost no more than listing all.
 *
 * <p>A new directory is watched before it is listed: an entry created in between is both listed and hinted at, and
 * reported once.
 *
 * <p>One thread at a time; blocks on the file system. A hint costs O(1), a scan of a directory O(entries).
 */
final class Snapshot {
    private final WatchBackend backend;
    private final BooleanSupplier closed;
    private final Map<Path, WatchedDirectory> directories = new HashMap<>();
    private final Set<Path> roots = new HashSet<>();

    // Reported since the current hints were taken, which are about earlier changes: they are no news of these paths.
    private final Set<Path> fresh = new HashSet<>();
    private final FollowedLinks links;
    private Findings findings = new Findings();
    private boolean starting;

    Snapshot(WatchBackend backend, BooleanSupplier closed) {
        this.backend = backend;
        this.closed = closed;
        this.links = new FollowedLinks(backend, directories, roots);
    }

    /**
     * Watches the roots, and records their present entries without reporting them.
     *
     * @param toWatch directory to recursive or not
     * @param files the names of single files by their directory
     */
    Findings start(Map<Path, Boolean> toWatch, Map<Path, Set<Path>> files) {
        findings = new Findings();
        starting = true;
        toWatch.forEach((path, recursive) -> {
            roots.add(path);
            enter(path, recursive);
        });
        files.forEach((path, names) -> {
            if (!directories.containsKey(path)) { // else all its entries are watched
                roots.add(path);
                open(path, WatchedDirectory.of(names));
            }
        });
        starting = false;
        return findings;
    }

    /** Checks the entries and directories named by the hints. */
    Findings look(List<WatchHint> hints) {
        findings = new Findings();
        fresh.clear();
        int lastEverywhere = -1;
        for (int i = 0; i < hints.size(); i++) {
            lastEverywhere = hints.get(i).directory() == null ? i : lastEverywhere;
        }
        for (int i = 0; i < hints.size() && !closed.getAsBoolean(); i++) {
            WatchHint hint = hints.get(i);
            WatchHint next = i + 1 < hints.size() ? hints.get(i + 1) : null;
            if (hint.kind() == WatchHint.Kind.MOVED_FROM
                    && next != null
                    && next.kind() == WatchHint.Kind.MOVED_TO
                    && next.cookie() == hint.cookie()) {
                move(hint, next);
                i++;
            } else if (hint.directory() == null) {
                // One full scan replaces all of them: scans requested during a scan would take longer and longer.
                everywhere(hint, i == lastEverywhere);
            } else {
                follow(hint);
            }
        }
        return findings;
    }

    private void everywhere(WatchHint hint, boolean look) {
        if (hint.kind() == WatchHint.Kind.OVERFLOW) {
            findings.event(new FileEvent(FileEvent.Kind.OVERFLOW, null, null, true));
        }
        if (look) {
            List.copyOf(directories.keySet()).forEach(this::rescan);
        }
    }

    private void follow(WatchHint hint) {
        Path path = Objects.requireNonNull(hint.directory());
        if (hint.kind() == WatchHint.Kind.OVERFLOW) {
            findings.event(new FileEvent(FileEvent.Kind.OVERFLOW, path, null, true));
        }
        switch (hint.kind()) {
            case GONE -> gone(path);
            case RESCAN, OVERFLOW -> rescan(path);
            default -> {
                WatchedDirectory directory = directories.get(path);
                if (directory != null && hint.name() != null && directory.wants(hint.name())) {
                    check(path, directory, hint.name(), hint.kind() == WatchHint.Kind.MODIFIED);
                }
            }
        }
        for (Path file : links.filesBehind(path, hint.name())) {
            Path parent = Objects.requireNonNull(file.getParent());
            WatchedDirectory directory = directories.get(parent);
            if (directory != null) {
                check(parent, directory, file.getFileName(), hint.kind() == WatchHint.Kind.MODIFIED);
            }
        }
    }

    /** Compares one entry. */
    private void check(Path parent, WatchedDirectory directory, Path name, boolean written) {
        Path path = parent.resolve(name);
        Entry now;
        try {
            if (directory.only != null) {
                links.follow(path, findings);
            }
            now = directory.only != null ? Entry.following(path) : Entry.of(path);
        } catch (IOException e) {
            findings.error(path, e);
            return;
        }
        Entry known = directory.entries.get(name);
        if (!Objects.equals(now, known)) {
            Path link = links.linkInPlaceOf(parent);
            if (link != null) { // the attributes were read in another directory
                gone(link);
                return;
            }
        }
        if (known != null && (now == null || known.isReplacedBy(now))) {
            directory.entries.remove(name);
            deleted(path, known);
            known = null;
        }
        if (now == null) {
            return;
        }
        try {
            directory.entries.put(name, now);
            if (known == null) {
                report(FileEvent.Kind.CREATED, path, now);
                if (now.isDirectory() && directory.recursive) {
                    enter(path, true);
                }
            } else if (!now.isDirectory() && (!now.equals(known) || (written && !fresh.contains(path)))) {
                report(FileEvent.Kind.MODIFIED, path, now);
            }
        } catch (Throwable t) {
            directory.entries.remove(name); // the next scan finds it again
            throw t;
        }
    }

    private void report(FileEvent.Kind kind, Path path, Entry now) {
        if (!starting) {
            findings.event(kind, path, now.isDirectory());
            fresh.add(path);
        }
    }

    /** Watches a directory, and all below it if {@code recursive}. */
    private void enter(Path path, boolean recursive) {
        if (closed.getAsBoolean()) {
            return;
        }
        WatchedDirectory known = directories.get(path);
        if (known != null) {
            if (recursive && !known.recursive) { // also added as a root of its own
                known.recursive = true;
                Map.copyOf(known.entries).forEach((name, entry) -> { // a deleted one is removed meanwhile
                    if (entry.isDirectory()) {
                        enter(path.resolve(name), true);
                    }
                });
            }
            return;
        }
        open(path, WatchedDirectory.whole(recursive));
    }

    private void open(Path path, WatchedDirectory directory) {
        IOException refusal = watch(path);
        if (refusal == null) {
            directories.put(path, directory);
            rescan(path);
        } else if (roots.remove(path) || isDirectory(path)) {
            findings.error(path, refusal);
        } else {
            replaced(path);
        }
    }

    /**
     * Adds a directory to the backend; returns the failure, or null. A failure need not be reported if the directory
     * does not exist any more.
     */
    private @Nullable IOException watch(Path path) {
        IOException refusal = tryToWatch(path);
        // It may have been missing for a moment only, and its replacement may even have the same inode number.
        return refusal != null && isDirectory(path) ? tryToWatch(path) : refusal;
    }

    private @Nullable IOException tryToWatch(Path path) {
        try {
            if (!isDirectory(path)) {
                if (roots.contains(path)) {
                    Files.readAttributes(path, "*"); // throws the actual failure, unless it is just a file
                }
                throw new NotDirectoryException(path.toString());
            }
            backend.watch(path);
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    /** Returns whether a path is a directory; links are followed for roots only, which the program has named. */
    private boolean isDirectory(Path path) {
        return roots.contains(path) ? Files.isDirectory(path) : Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Compares all watched entries of a directory. */
    private void rescan(Path path) {
        WatchedDirectory directory = directories.get(path);
        if (directory == null || closed.getAsBoolean()) {
            return;
        }
        if (directory.only != null) {
            if (isDirectory(path)) {
                directory.only.forEach(name -> check(path, directory, name, false));
            } else {
                gone(path);
            }
            return;
        }
        if (!roots.contains(path) && Files.isSymbolicLink(path)) { // the listing would be that of another directory
            gone(path);
            return;
        }
        Set<Path> names = new HashSet<>(directory.entries.keySet());
        try (DirectoryStream<Path> listing = Files.newDirectoryStream(path)) {
            for (Path each : listing) {
                names.add(Objects.requireNonNull(each.getFileName()));
            }
            directory.failed = false;
        } catch (NoSuchFileException | NotDirectoryException e) {
            gone(path);
            return;
        } catch (DirectoryIteratorException | IOException e) {
            if (!directory.failed) {
                directory.failed = true;
                findings.error(
                        path, e instanceof IOException io ? io : (IOException) Objects.requireNonNull(e.getCause()));
            }
            return;
        }
        for (Path name : names) {
            if (directories.get(path) == directory) { // else found to be gone
                check(path, directory, name, false);
            }
        }
    }

    /** Handles a directory that the backend does not watch any more: it is deleted, moved or replaced. */
    private void gone(Path path) {
        WatchedDirectory directory = directories.get(path);
        if (directory == null) {
            return;
        }
        if (isDirectory(path)) {
            IOException refusal = watch(path);
            if (refusal == null) {
                rescan(path);
                return;
            }
            if (isDirectory(path)) {
                findings.error(path, refusal);
            }
        }
        leave(path);
        if (!replaced(path) && directory.only == null) {
            reportDeleted(path, true);
        }
    }

    /**
     * Reports the end of a directory that is not watched any more, and its replacement; false if its parent is not
     * watched.
     */
    private boolean replaced(Path path) {
        Path parent = path.getParent();
        Path name = path.getFileName();
        WatchedDirectory above = parent == null ? null : directories.get(parent);
        if (parent == null || above == null || name == null || !above.wants(name)) {
            return false;
        }
        if (above.entries.remove(name) != null) {
            reportDeleted(path, true);
            // It may exist again by now, even with the inode number of the old one: still it is a new one.
            check(parent, above, name, false);
        }
        return true;
    }

    private void deleted(Path path, Entry known) {
        if (known.isDirectory()) {
            leave(path);
        }
        reportDeleted(path, known.isDirectory());
    }

    private void reportDeleted(Path path, boolean isDirectory) {
        fresh.remove(path);
        if (!starting) {
            findings.event(FileEvent.Kind.DELETED, path, isDirectory);
        }
    }

    /** Stops watching a directory; all its entries are reported as deleted. */
    private void leave(Path path) {
        WatchedDirectory directory = directories.remove(path);
        if (directory == null) {
            return;
        }
        backend.unwatch(path);
        if (directory.only != null) {
            directory.only.forEach(name -> links.forget(path.resolve(name)));
        }
        directory.entries.forEach((name, entry) -> deleted(path.resolve(name), entry));
        if (roots.remove(path)) {
            findings.error(path, new NoSuchFileException(path.toString(), null, "the watched directory is gone"));
        }
    }

    /** Checks both ends of a move; a move that the files do not confirm is handled as two separate changes. */
    private void move(WatchHint source, WatchHint target) {
        WatchedDirectory fromDirectory = directories.get(source.directory());
        WatchedDirectory toDirectory = directories.get(target.directory());
        if (fromDirectory == null || toDirectory == null || !reportMove(source, fromDirectory, target, toDirectory)) {
            follow(source);
            follow(target);
        }
    }

    private boolean reportMove(
            WatchHint source, WatchedDirectory fromDirectory, WatchHint target, WatchedDirectory toDirectory) {
        Path fromName = Objects.requireNonNull(source.name());
        Path toName = Objects.requireNonNull(target.name());
        Path from = Objects.requireNonNull(source.directory()).resolve(fromName);
        Path to = Objects.requireNonNull(target.directory()).resolve(toName);
        Entry known = fromDirectory.entries.get(fromName);
        Entry now;
        try {
            now = Entry.of(to);
        } catch (IOException e) {
            return false; // reported when the hint is followed
        }
        if (known == null || now == null || !known.isSure(now) || links.linkInPlaceOf(target.directory()) != null) {
            return false;
        }
        if (fromDirectory.only != null || toDirectory.only != null) {
            return false; // one end may not be watched, and a file renamed over a watched one is its new content
        }
        boolean followed = fromDirectory.recursive && toDirectory.recursive;
        if (known.isDirectory() && (!followed || roots.stream().anyMatch(root -> root.startsWith(from)))) {
            return false;
        }
        Entry overwritten = toDirectory.entries.get(toName);
        if (overwritten != null) {
            if (overwritten.isSure(now)) {
                return false; // reported before
            }
            toDirectory.entries.remove(toName);
            deleted(to, overwritten);
        }
        fromDirectory.entries.remove(fromName);
        toDirectory.entries.put(toName, known);
        fresh.remove(from);
        findings.event(new FileEvent(FileEvent.Kind.MOVED, to, from, known.isDirectory()));
        if (known.isDirectory()) {
            relocate(from, to);
        }
        follow(source); // there may be a new entry of that name
        follow(target);
        return true;
    }

    /** Watches a moved directory, and all below it, under their new paths, then scans them for missed changes. */
    private void relocate(Path from, Path to) {
        List<Path> moved = new ArrayList<>();
        collect(from, moved);
        List<Path> entered = new ArrayList<>();
        for (Path old : moved) {
            WatchedDirectory directory = directories.remove(old);
            Path path = to.resolve(from.relativize(old));
            if (directory == null) {
                continue;
            }
            directories.put(path, directory);
            IOException refusal = watch(path);
            if (refusal != null && isDirectory(path)) {
                findings.error(path, refusal);
            }
            entered.add(path);
        }
        if (moved.isEmpty()) {
            enter(to, true);
        }
        entered.forEach(this::rescan);
    }

    private void collect(Path path, List<Path> into) {
        WatchedDirectory directory = directories.get(path);
        if (directory == null) {
            return;
        }
        into.add(path);
        directory.entries.forEach((name, entry) -> {
            if (entry.isDirectory()) {
                collect(path.resolve(name), into);
            }
        });
    }
}
