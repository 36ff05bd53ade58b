package io.millio.watch;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change reported by a {@link FileWatcher}.
 *
 * @param kind the kind of change
 * @param path the absolute path that has changed; for {@link Kind#OVERFLOW} the directory whose changes were lost, or
 *     null if they may be those of any directory
 * @param from the previous path, for {@link Kind#MOVED}; else null
 * @param isDirectory whether the path is, or was, a directory; links are not followed, so a link is not a directory
 */
public record FileEvent(
        Kind kind, @Nullable Path path, @Nullable Path from, boolean isDirectory) {
    /** The kind of a change. */
    public enum Kind {
        /** The path exists and did not exist before. */
        CREATED,
        /**
         * A file has different content, size or modification time, or was replaced by another file of the same name.
         * Not reported for directories.
         */
        MODIFIED,
        /** The path does not exist any more. The entries of a directory are reported before the directory. */
        DELETED,
        /**
         * The path was renamed or moved to another watched directory; the entries of a moved directory are not reported
         * one by one. Only where the backend detects moves; else the change is reported as deleted and created.
         */
        MOVED,
        /** The system has lost changes. The watcher scans the files itself and reports the differences after this. */
        OVERFLOW
    }

    /** Checks that the components required by the kind are not null. */
    public FileEvent {
        Objects.requireNonNull(kind, "kind");
        if (kind != Kind.OVERFLOW) {
            Objects.requireNonNull(path, "path");
        }
        if (kind == Kind.MOVED) {
            Objects.requireNonNull(from, "from");
        }
    }

    static FileEvent of(Kind kind, Path path, boolean isDirectory) {
        return new FileEvent(kind, path, null, isDirectory);
    }
}
