package io.millio.watch;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A directory that {@link Snapshot} watches, and its entries by name as of their last scan. */
final class WatchedDirectory {
    final Map<Path, Entry> entries = new HashMap<>();
    boolean recursive;
    boolean failed; // the last listing; reported once

    /** The names to watch; null for all. */
    final @Nullable Set<Path> only;

    private WatchedDirectory(boolean recursive, @Nullable Set<Path> only) {
        this.recursive = recursive;
        this.only = only;
    }

    /** Returns a directory of which all entries are watched. */
    static WatchedDirectory whole(boolean recursive) {
        return new WatchedDirectory(recursive, null);
    }

    /** Returns a directory of which only entries of these names are watched. */
    static WatchedDirectory of(Set<Path> names) {
        return new WatchedDirectory(false, new HashSet<>(names));
    }

    boolean wants(Path name) {
        return only == null || only.contains(name);
    }
}
