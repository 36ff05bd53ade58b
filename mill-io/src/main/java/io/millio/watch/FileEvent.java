package io.millio.watch;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change that a {@link FileWatcher} tells.
 *
 * @param kind what has happened
 * @param path to what, absolute; for {@link Kind#OVERFLOW} the directory whose changes were lost, or null for any
 * @param from where it was before, for {@link Kind#MOVED}; else null
 * @param isDirectory whether that is, or was, a directory; links are not followed, so a link is none
 */
public record FileEvent(
        Kind kind, @Nullable Path path, @Nullable Path from, boolean isDirectory) {
    /** What has happened. */
    public enum Kind {
        /** It is there and was not. */
        CREATED,
        /**
         * A file has other content, another size or time, or is another file of the same name. Not told of directories.
         */
        MODIFIED,
        /** It was there and is not. What lies in a directory is told before the directory. */
        DELETED,
        /**
         * It has another name or lies in another watched directory; what lies in a directory is not told one by one.
         * Only where the backend can tell; else it is deleted and created.
         */
        MOVED,
        /** The system has lost changes. The watcher looks for itself, and tells what it finds after this. */
        OVERFLOW
    }

    /** Checks that what the kind needs is there. */
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
