package io.millio.watch;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change that the system has reported to a {@link WatchBackend}. The watcher only takes from it where to look.
 *
 * @param kind the kind of change
 * @param directory the watched directory, as it was given to the backend; null for all, with {@link Kind#RESCAN} and
 *     {@link Kind#OVERFLOW}
 * @param name the entry of the directory, where the kind is about one; else null
 * @param cookie the same for both ends of a move; else 0
 */
public record WatchHint(
        Kind kind, @Nullable Path directory, @Nullable Path name, int cookie) {
    /** The kind of a hint. */
    public enum Kind {
        /** An entry may be new, gone or different. */
        CHANGED,
        /** An entry was written to, even if its attributes are unchanged. */
        MODIFIED,
        /** An entry was moved away; the other end, if there is one, follows at once in the same list. */
        MOVED_FROM,
        /** An entry was moved in. */
        MOVED_TO,
        /** The directory is not watched any more, as it was deleted or moved. */
        GONE,
        /** Requests a scan of the directory, or of all. */
        RESCAN,
        /** As {@link #RESCAN}, because changes were lost. */
        OVERFLOW
    }

    /** Checks that the components required by the kind are not null. */
    public WatchHint {
        if (kind != Kind.RESCAN && kind != Kind.OVERFLOW) {
            Objects.requireNonNull(directory, "directory");
            if (kind != Kind.GONE) {
                Objects.requireNonNull(name, "name");
            }
        }
    }

    /** Returns a hint about an entry. */
    public static WatchHint entry(Kind kind, Path directory, Path name) {
        return new WatchHint(kind, directory, name, 0);
    }

    /** Returns a hint that a directory is not watched any more. */
    public static WatchHint gone(Path directory) {
        return new WatchHint(Kind.GONE, directory, null, 0);
    }

    /** Returns a hint that changes were lost, of a directory or, with null, of any. */
    public static WatchHint overflow(@Nullable Path directory) {
        return new WatchHint(Kind.OVERFLOW, directory, null, 0);
    }
}
