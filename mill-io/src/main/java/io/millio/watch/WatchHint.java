package io.millio.watch;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link WatchBackend} has heard from the system. The watcher believes nothing of it but where to look.
 *
 * @param kind what it is about
 * @param directory the watched directory, as it was given to the backend; null for all, with {@link Kind#RESCAN} and
 *     {@link Kind#OVERFLOW}
 * @param name the entry of the directory, where the kind is about one; else null
 * @param cookie the same for both ends of a move; else 0
 */
public record WatchHint(
        Kind kind, @Nullable Path directory, @Nullable Path name, int cookie) {
    /** What a hint is about. */
    public enum Kind {
        /** An entry may be new, gone or different. */
        CHANGED,
        /** An entry was written to, even if it looks as before. */
        MODIFIED,
        /** An entry was moved away; the other end, if there is one, follows at once in the same list. */
        MOVED_FROM,
        /** An entry was moved in. */
        MOVED_TO,
        /** The directory is watched no more, for it is gone or was moved. */
        GONE,
        /** It is time to look at everything in the directory, or in all. */
        RESCAN,
        /** As {@link #RESCAN}, because changes were lost. */
        OVERFLOW
    }

    /** Checks that what the kind needs is there. */
    public WatchHint {
        if (kind != Kind.RESCAN && kind != Kind.OVERFLOW) {
            Objects.requireNonNull(directory, "directory");
            if (kind != Kind.GONE) {
                Objects.requireNonNull(name, "name");
            }
        }
    }

    /** A hint about an entry. */
    public static WatchHint entry(Kind kind, Path directory, Path name) {
        return new WatchHint(kind, directory, name, 0);
    }

    /** A hint that a directory is watched no more. */
    public static WatchHint gone(Path directory) {
        return new WatchHint(Kind.GONE, directory, null, 0);
    }

    /** A hint that changes were lost, of a directory or, with null, of any. */
    public static WatchHint overflow(@Nullable Path directory) {
        return new WatchHint(Kind.OVERFLOW, directory, null, 0);
    }
}
