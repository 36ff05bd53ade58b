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

/** Settings to start a {@link FileWatcher} with. One thread at a time. */
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
     * Watches a directory: its entries, or with recursive also all directories below it, new ones too. Links below it
     * are not followed. One that can't be watched is told as an error. When the directory itself goes away that is
     * told, and it is watched no more.
     *
     * @param path made absolute, and told so; of the default file system
     */
    public FileWatcherBuilder add(Path path, boolean recursive) {
        paths.merge(absolute("path", path), recursive, Boolean::logicalOr);
        return this;
    }

    /**
     * Watches a single file, by its directory, of which nothing else is told. The file need not be there, and may come
     * and go; one that is renamed over it, as editors do, is told as modified. The directory must be there: one that
     * can't be watched, or goes away, is told as an error, and is watched no more.
     *
     * <p>Links are followed, also those among the directories on the way: a change is reported when the content at the
     * end changes, and when any of the links is replaced by one to another file, as Kubernetes does with the files of a
     * ConfigMap. A link that leads nowhere is no file. Where the directory of the file is itself {@linkplain #add
     * watched}, its links are not followed.
     *
     * @param file made absolute, and told so; of the default file system
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

    /** Who is told the changes; there must be one. */
    public FileWatcherBuilder listener(FileListener told) {
        listener = Objects.requireNonNull(told, "listener");
        return this;
    }

    /** Who is told, in the loop, what can't be watched; by default the loop's error handler is. */
    public FileWatcherBuilder errorListener(Consumer<WatchError> told) {
        errorListener = Objects.requireNonNull(told, "errorListener");
        return this;
    }

    /**
     * Holds changes back until their path has been quiet for so long, and makes one of several: created and modified is
     * created, created and deleted is nothing, deleted and created is modified.
     *
     * @param quiet at most a day; zero, the default, tells everything at once
     */
    public FileWatcherBuilder quietPeriod(Duration quiet) {
        if (quiet.isNegative() || quiet.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("quietPeriod: " + quiet + ", must be from zero to a day");
        }
        quietPeriod = quiet;
        return this;
    }

    /**
     * The back end, by name: {@code inotify}, {@code watch-service} or {@code polling}; by default the best that the
     * system does not refuse.
     */
    public FileWatcherBuilder backend(String name) {
        backend = Objects.requireNonNull(name, "backend");
        return this;
    }

    /** How long {@code polling} waits before it looks again, at most a day; 1 s by default. */
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
     * Starts to watch; returns before all is watched, see {@link FileWatcher#ready}.
     *
     * @throws IllegalStateException if there is no path or no listener, or the backend can't be used
     * @throws RejectedExecutionException if the loop is closed
     * @throws IOException if the system refuses the backend
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
