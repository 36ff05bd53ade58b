package io.millio.watch;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Hears of changes in single directories. Paths are absolute. {@link #watch} and {@link #unwatch} are called by one
 * thread at a time and may block; {@link #close} by any thread, also while they run.
 */
public interface WatchBackend extends AutoCloseable {
    /**
     * Hears of the entries of a directory from when this returns. A directory that was moved may be watched already
     * under its old path: from here on it is heard of under this one. A second time for one path sees to it that it is
     * watched.
     *
     * @throws IOException if it is not there or can't be read, or the system's limit of watches is reached
     */
    void watch(Path directory) throws IOException;

    /** Hears no more of a directory. Nothing happens if this path is not watched, or the directory is gone. */
    void unwatch(Path directory);

    /** Hears of nothing any more. A second call does nothing. */
    @Override
    void close();
}
