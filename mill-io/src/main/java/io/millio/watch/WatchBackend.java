package io.millio.watch;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Watches single directories, not recursively, and reports hints to a {@link WatchSink}. Paths are absolute.
 * {@link #watch} and {@link #unwatch} are called by one thread at a time and may block; {@link #close} by any thread,
 * also while they run.
 */
public interface WatchBackend extends AutoCloseable {
    /**
     * Watches the entries of a directory: changes made after this returns are reported. A directory that was moved may
     * be watched already under its old path: from now on it is reported under this one. A second call for the same path
     * makes sure that the directory there is watched.
     *
     * @throws IOException if it does not exist or can't be read, or the system's limit of watches is reached
     */
    void watch(Path directory) throws IOException;

    /**
     * Stops watching a directory. Does nothing if this path is not watched, or the directory does not exist any more.
     */
    void unwatch(Path directory);

    /** Stops watching all directories. A second call does nothing. */
    @Override
    void close();
}
