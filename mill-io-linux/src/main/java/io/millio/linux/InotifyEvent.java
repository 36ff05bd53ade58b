package io.millio.linux;

import io.millio.linux.sys.Constants;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A change that {@link Inotify} reports.
 *
 * @param kind what has happened
 * @param path to what: the watched path itself, or what lies in it; null for {@link Kind#OVERFLOW}
 * @param isDirectory whether that is a directory
 * @param cookie the same for both ends of a move, {@link Kind#MOVED_FROM} and {@link Kind#MOVED_TO}; else 0
 * @param cause why a directory is {@link Kind#UNWATCHED}; else null
 */
public record InotifyEvent(
        Kind kind,
        @Nullable Path path,
        boolean isDirectory,
        int cookie,
        @Nullable IOException cause) {
    /** The kind of an event. */
    public enum Kind {
        /** Something new is in a directory. In a watched tree a new directory's content is reported as created too. */
        CREATED(Constants.IN_CREATE),
        /** The content has changed. */
        MODIFIED(Constants.IN_MODIFY),
        /** Mode, owner or times have changed. */
        ATTRIBUTES(Constants.IN_ATTRIB),
        /** A file that was open for writing has been closed. */
        CLOSED_AFTER_WRITE(Constants.IN_CLOSE_WRITE),
        /** Something has been moved away from a directory. */
        MOVED_FROM(Constants.IN_MOVED_FROM),
        /** Something has been moved into a directory. */
        MOVED_TO(Constants.IN_MOVED_TO),
        /** Something in a directory is gone. */
        DELETED(Constants.IN_DELETE),
        /** The watched path does not exist any more, and is not watched any more. */
        DELETED_SELF(Constants.IN_DELETE_SELF),
        /** The watched path has been moved; it is reported under its old name from here on. */
        MOVED_SELF(Constants.IN_MOVE_SELF),
        /** The file system of the watched path was unmounted; the path is not watched any more. */
        UNMOUNTED(Constants.IN_UNMOUNT),
        /**
         * A directory of a watched tree can't be watched or listed, and changes in it are not reported. Reported once,
         * when the directory is found; the rest of the tree is watched all the same.
         */
        UNWATCHED(0),
        /** Changes were lost, because they were not read in time: look at the files. */
        OVERFLOW(Constants.IN_Q_OVERFLOW);

        final int mask;

        Kind(int mask) {
            this.mask = mask;
        }
    }

    /** An event without a cause. */
    public InotifyEvent(Kind kind, @Nullable Path path, boolean isDirectory, int cookie) {
        this(kind, path, isDirectory, cookie, null);
    }
}
