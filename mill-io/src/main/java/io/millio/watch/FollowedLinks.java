package io.millio.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The links on the paths of single files, and the files at their ends: the directory of each is watched, so that the
 * replacement of a link is detected. One thread at a time; blocks on the file system. O(length of the path) a call.
 */
final class FollowedLinks {
    private static final int MAX_LINKS = 40; // as Linux
    private static final int MAX_ROUNDS = 10;

    private final WatchBackend backend;
    private final Map<Path, WatchedDirectory> directories;
    private final Set<Path> roots;
    private final Map<Path, Set<Path>> placesByFile = new HashMap<>();
    // Directory to name to files.
    private final Map<Path, Map<Path, Set<Path>>> filesByPlace = new HashMap<>();

    /** The directories and roots are those of the snapshot: they are watched already, and stay so. */
    FollowedLinks(WatchBackend backend, Map<Path, WatchedDirectory> directories, Set<Path> roots) {
        this.backend = backend;
        this.directories = directories;
        this.roots = roots;
    }

    /**
     * Watches the directories of the links on the present path to a file, and that of its end. Later changes are hinted
     * at, as the path is read again after these are watched. A directory that can't be watched is added to the findings
     * as an error.
     */
    void follow(Path file, Findings findings) throws IOException {
        for (int i = 0; i < MAX_ROUNDS; i++) {
            Set<Path> places = new LinkedHashSet<>();
            for (Path each : placesOf(file)) {
                places.add(watchedPath(parent(each)).resolve(each.getFileName()));
            }
            Set<Path> before = placesByFile.getOrDefault(file, Set.of());
            if (places.equals(before)) {
                return;
            }
            placesByFile.put(file, places);
            places.stream().filter(each -> !before.contains(each)).forEach(each -> add(each, file, findings));
            before.stream().filter(each -> !places.contains(each)).forEach(each -> remove(each, file));
        }
    }

    void forget(Path file) {
        Set<Path> places = placesByFile.remove(file);
        if (places != null) {
            places.forEach(each -> remove(each, file));
        }
    }

    /** Returns the files whose resolved path contains an entry of a directory, or any of its entries if null. */
    Set<Path> filesBehind(Path directory, @Nullable Path name) {
        Map<Path, Set<Path>> names = filesByPlace.getOrDefault(directory, Map.of());
        if (name != null) {
            return Set.copyOf(names.getOrDefault(name, Set.of()));
        }
        Set<Path> all = new HashSet<>();
        names.values().forEach(all::addAll);
        return all;
    }

    /**
     * Returns the first of the watched directories from a root down to this one that was replaced by a symbolic link:
     * entries read under its path are those of another directory. Null if there is none.
     */
    @Nullable
    Path linkInPlaceOf(@Nullable Path directory) {
        Path first = null;
        Path each = directory;
        for (; each != null && !roots.contains(each) && directories.containsKey(each); each = each.getParent()) {
            first = Files.isSymbolicLink(each) ? each : first;
        }
        return first;
    }

    private void add(Path place, Path file, Findings findings) {
        Path directory = parent(place);
        Map<Path, Set<Path>> names = filesByPlace.get(directory);
        if (names == null) {
            names = new HashMap<>();
            filesByPlace.put(directory, names);
            watch(directory, findings);
        }
        names.computeIfAbsent(place.getFileName(), unused -> new HashSet<>()).add(file);
    }

    private void watch(Path directory, Findings findings) {
        if (directories.containsKey(directory)) {
            return;
        }
        try {
            backend.watch(directory);
        } catch (NoSuchFileException | NotDirectoryException e) {
            // deleted since, with the link
        } catch (IOException e) {
            findings.error(directory, e);
        }
    }

    /** Returns the path under which all of a directory is watched, if it is: a backend has one path for each. */
    private Path watchedPath(Path directory) {
        for (Path root : roots) {
            try {
                Path real = root.toRealPath();
                Path path = directory.startsWith(real) ? root.resolve(real.relativize(directory)) : directory;
                WatchedDirectory watched = directories.get(path);
                if (watched != null && watched.only == null) {
                    return path;
                }
            } catch (IOException e) {
                // the root does not exist any more
            }
        }
        return directory;
    }

    private void remove(Path place, Path file) {
        Path directory = parent(place);
        Map<Path, Set<Path>> names = filesByPlace.getOrDefault(directory, Map.of());
        Set<Path> files = names.get(place.getFileName());
        if (files != null && files.remove(file) && files.isEmpty()) {
            names.remove(place.getFileName());
            if (names.isEmpty()) {
                filesByPlace.remove(directory);
                if (!directories.containsKey(directory)) {
                    backend.unwatch(directory);
                }
            }
        }
    }

    /** Returns each link on the path to a file, and its end: the file, or the first entry that does not exist. */
    private static Set<Path> placesOf(Path file) throws IOException {
        Set<Path> places = new LinkedHashSet<>();
        Path current = Objects.requireNonNull(file.getRoot());
        Deque<Path> rest = new ArrayDeque<>();
        file.forEach(rest::addLast);
        int followed = 0;
        while (!rest.isEmpty()) {
            Path next = current.resolve(rest.removeFirst()).normalize(); // all before it are no links
            if (next.equals(current) || next.getFileName() == null || current.startsWith(next)) {
                current = next; // "." or ".."
                continue;
            }
            if (Files.isSymbolicLink(next) && ++followed <= MAX_LINKS) {
                places.add(next);
                Path target = Files.readSymbolicLink(next);
                if (target.isAbsolute()) {
                    current = Objects.requireNonNull(target.getRoot());
                }
                for (int i = target.getNameCount() - 1; i >= 0; i--) {
                    rest.addFirst(target.getName(i));
                }
            } else if (rest.isEmpty() || !Files.isDirectory(next)) {
                places.add(next);
                return places;
            } else {
                current = next;
            }
        }
        return places;
    }

    private static Path parent(Path place) {
        return Objects.requireNonNull(place.getParent());
    }
}
