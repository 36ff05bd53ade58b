package io.millio.watch;

import io.millio.EventLoop;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Builder of a {@link FileWatcher}. One thread at a time. */
public final class FileWatcherBuilder {
    private static final Duration MAX = Duration.ofDays(1);

    final EventLoop loop;
    final Map<Path, Boolean> paths = new LinkedHashMap<>(); // to recursive or not
    final Map<Path, Set<Path>> files = new LinkedHashMap<>(); // names by directory

    @Nullable
    Consumer<WatchError> errorListener;

    Duration quietPeriod = Duration.ZERO;

    private @Nullable FileListener listener;
    private @Nullable String backend;
    private Duration pollInterval = Duration.ofSeconds(1);

    FileWatcherBuilder(EventLoop loop) {
        this.loop = Objects.requireNonNull(loop, "loop");
    }

    /**
     * Watches a directory: its entries, or with {@code recursive} also all directories below it, new ones included.
     * Links below it are not followed. A directory that can't be watched is reported as an error. When the directory
     * itself is deleted or moved away, that is reported, and it is not watched any more.
     *
     * @param path made absolute, and reported as such; of the default file system
     */
    public FileWatcherBuilder add(Path path, boolean recursive) {
        paths.merge(absolute("path", path), recursive, Boolean::logicalOr);
        return this;
    }

    /**
     * Watches a single file, by its directory, of which nothing else is reported. The file need not exist, and may be
     * deleted and created again; another file renamed over it, as editors do, is reported as modified. The directory
     * must exist: one that can't be watched, or is deleted or moved away, is reported as an error, and is not watched
     * any more.
     *
     * <p>Links are followed, also those among the directories on the way: a change is reported when the content at the
     * end changes, and when any of the links is replaced by one to another file, as Kubernetes does with the files of a
     * ConfigMap. A dangling link counts as a file that does not exist. Where the directory of the file is itself
     * {@linkplain #add watched}, its links are not followed.
     *
     * @param file made absolute, and reported as such; of the default file system
     */
    public FileWatcherBuilder addFile(Path file) {
        Path path = absolute("file", file);
        Path directory = path.getParent();
        Path name = path.getFileName();
        if (directory == null || name == null) {
            throw new IllegalArgumentException("file: " + file + ", must be in a directory");
        }
        files.computeIfAbsent(directory, unused -> new HashSet<>()).add(name);
        return this;
    }

    private static Path absolute(String what, Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException(what + ": " + path + ", must be of the default file system");
        }
        return path.toAbsolutePath().normalize();
    }

    /** Sets the callback for changes; required. */
    public FileWatcherBuilder listener(FileListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /** Sets the callback, in the loop, for paths that can't be watched; by default the loop's error handler. */
    public FileWatcherBuilder errorListener(Consumer<WatchError> errorListener) {
        this.errorListener = Objects.requireNonNull(errorListener, "errorListener");
        return this;
    }

    /**
     * Delays changes until their path has been quiet for so long, and merges several into one: created and modified is
     * created, created and deleted is nothing, deleted and created is modified.
     *
     * @param quiet at most a day; zero, the default, reports every change at once
     */
    public FileWatcherBuilder quietPeriod(Duration quiet) {
        if (quiet.isNegative() || quiet.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("quietPeriod: " + quiet + ", must be from zero to a day");
        }
        quietPeriod = quiet;
        return this;
    }

    /**
     * Sets the backend by name: {@code inotify}, {@code watch-service} or {@code polling}; by default the one of the
     * highest priority that can be opened.
     */
    public FileWatcherBuilder backend(String name) {
        backend = Objects.requireNonNull(name, "backend");
        return this;
    }

    /** Sets the time between two scans of {@code polling}, at most a day; 1 s by default. */
    public FileWatcherBuilder pollInterval(Duration interval) {
        if (interval.isNegative() || interval.isZero() || interval.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("pollInterval: " + interval + ", must be positive and at most a day");
        }
        pollInterval = interval;
        return this;
    }

    FileListener checkedListener() {
        if (listener == null) {
            throw new IllegalStateException("listener: none is set");
        }
        return listener;
    }

    /**
     * Starts a watcher; returns before all paths are watched, see {@link FileWatcher#ready}.
     *
     * @throws IllegalStateException if there is no path or no listener, or the backend can't be used
     * @throws RejectedExecutionException if the loop is closed
     * @throws IOException if no backend can be opened
     */
    public FileWatcher start() throws IOException {
        if (paths.isEmpty() && files.isEmpty()) {
            throw new IllegalStateException("add: no path is given");
        }
        checkedListener();
        if (loop.isClosed()) {
            throw new RejectedExecutionException("the loop is closed");
        }
        FileWatcher watcher = new FileWatcher(this, WatchProviders.candidates(loop, backend, pollInterval));
        boolean started = false;
        try {
            watcher.start(this);
            started = true;
            return watcher;
        } finally {
            if (!started) {
                watcher.close();
            }
        }
    }
}
