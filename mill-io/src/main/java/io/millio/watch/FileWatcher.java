package io.millio.watch;

import io.millio.EventLoop;
import io.millio.internal.Exceptions;
import io.millio.internal.Persistently;
import io.millio.task.Priority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches directories and single files, and reports in the turns of a loop what was created, modified, deleted and
 * moved in them.
 *
 * <p>It keeps the attributes of the files as of its last scan and reports the differences, so each change is reported
 * once: also when the system loses changes, and in directories that were just created. A file that is created and
 * deleted between two scans is not reported. Its memory grows with the number of files. All file access runs on the
 * loop's {@linkplain EventLoop#compute compute pool}, one task at a time.
 *
 * <p>Every method may be called by any thread. Close it before its loop: a watcher that is not closed may keep a
 * sleeping daemon thread.
 */
public final class FileWatcher implements AutoCloseable {
    /** Bounds the events of a turn, so that many changes at once do not delay the loop's other work. */
    private static final int EVENTS_PER_TURN = 256;

    /** The limit of queued hints; with more of them, a scan of all directories is cheaper. */
    private static final int MAX_HINTS = 100_000;

    private static final WatchHint EVERYWHERE = WatchHint.overflow(null);
    private static final Callable<Findings> NO_LOOK = Findings::new;
    private static final Runnable NOTHING = () -> {};

    private final EventLoop loop;
    private final FileListener listener;
    private final @Nullable Debounce debounce;
    private final Consumer<WatchError> errorListener;
    private final WatchBackend backend;
    private final WatchProviders.Opened opened;
    private final Snapshot snapshot;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    // Both guarded by lock.
    private final Object lock = new Object();
    private List<WatchHint> hints = new ArrayList<>();
    private boolean looking = true; // the start is the first scan

    private volatile boolean closed; // set once, by any thread

    FileWatcher(FileWatcherBuilder settings, List<WatchProvider> candidates) throws IOException {
        loop = settings.loop;
        errorListener = settings.errorListener == null ? FileWatcher::raise : settings.errorListener;
        FileListener wrapped = settings.checkedListener();
        FileListener guarded = event -> guard(() -> wrapped.onEvent(event));
        debounce = settings.quietPeriod.isZero() ? null : new Debounce(loop, settings.quietPeriod, guarded);
        listener = debounce == null ? guarded : debounce;
        List<Path> paths = new ArrayList<>(settings.paths.keySet());
        settings.files.forEach((directory, names) -> names.forEach(name -> paths.add(directory.resolve(name))));
        opened = WatchProviders.open(candidates, loop, new WatchSink() {
            @Override
            public void hints(List<WatchHint> more) {
                take(more);
            }

            @Override
            public void failed(Throwable cause) {
                backendFailed(paths, cause);
            }
        });
        backend = opened.backend();
        snapshot = new Snapshot(backend, () -> closed);
    }

    /** Returns a builder for a watcher on a loop. */
    public static FileWatcherBuilder builder(EventLoop loop) {
        return new FileWatcherBuilder(loop);
    }

    void start(FileWatcherBuilder settings) {
        Map<Path, Boolean> roots = new LinkedHashMap<>(settings.paths);
        Map<Path, Set<Path>> files = new LinkedHashMap<>();
        settings.files.forEach((directory, names) -> files.put(directory, Set.copyOf(names)));
        compute(() -> snapshot.start(roots, files), () -> ready.complete(null));
    }

    /**
     * Returns a future that is completed, in the loop, when all paths are watched: changes made from then on are
     * reported. Cancelled if the watcher is closed before.
     */
    public CompletableFuture<Void> ready() {
        return ready.copy();
    }

    /** Returns the name of the backend: {@code inotify}, {@code watch-service}, {@code polling}. */
    public String backend() {
        return opened.name();
    }

    /**
     * Returns why each backend of higher priority than {@link #backend} was passed over, with its name; empty where the
     * first was opened, or a backend was set by name.
     */
    public List<String> passedOver() {
        return opened.passedOver();
    }

    /**
     * Stops watching: the listener is not called any more, but if another thread drives the loop a call in progress may
     * finish. A second call does nothing.
     */
    @Override
    public void close() {
        closed = true;
        backend.close();
        ready.cancel(false);
        if (debounce != null && !loop.isClosed()) {
            try {
                loop.execute(debounce::cancel);
            } catch (RejectedExecutionException e) {
                // closed concurrently, and its timers with it
            }
        }
    }

    /** Reports an error for each path that was added, as none of them is watched any more. Any thread. */
    private void backendFailed(List<Path> paths, Throwable cause) {
        IOException failure = cause instanceof IOException io
                ? io
                : new IOException("the watch backend " + opened.name() + " has failed", cause);
        try {
            loop.execute(() -> paths.forEach(path -> guard(() -> errorListener.accept(new WatchError(path, failure)))));
        } catch (RejectedExecutionException e) {
            // the loop is closed, so nothing is reported any more
        }
    }

    // ---- scans: one at a time, started by the call that finds none in progress

    private void take(List<WatchHint> more) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            if (hints.size() + more.size() > MAX_HINTS) {
                hints = new ArrayList<>(List.of(WatchHint.overflow(null)));
            } else {
                hints.addAll(more);
            }
            if (looking || hints.isEmpty()) {
                return;
            }
            looking = true;
        }
        look();
    }

    private void look() {
        try {
            List<WatchHint> taken;
            synchronized (lock) {
                if (hints.isEmpty()) {
                    looking = false;
                    return;
                }
                taken = hints;
                hints = new ArrayList<>();
            }
            compute(() -> snapshot.look(taken), NOTHING);
        } catch (Throwable t) {
            failed(t, NO_LOOK, NOTHING);
        }
    }

    private void compute(Callable<Findings> look, Runnable afterwards) {
        try {
            CompletableFuture<Findings> unused =
                    loop.compute(Priority.HIGH, look, (found, failure) -> looked(found, failure, look, afterwards));
        } catch (RejectedExecutionException e) {
            again(look, afterwards);
        }
    }

    /** In the loop. */
    private void looked(
            @Nullable Findings found, @Nullable Throwable failure, Callable<Findings> look, Runnable afterwards) {
        if (found != null) {
            report(found, afterwards);
        } else {
            failed(failure, ready.isDone() ? NO_LOOK : look, afterwards); // the first scan also adds the watches
        }
    }

    /** Scans all directories after a delay, as it is unknown how far the failed scan got. */
    private void failed(@Nullable Throwable failure, Callable<Findings> look, Runnable afterwards) {
        try {
            if (!closed && !(failure instanceof CancellationException)) {
                report(new IllegalStateException("looking at watched files failed", failure));
            }
        } finally {
            lookEverywhere(look, afterwards);
        }
    }

    private void lookEverywhere(Callable<Findings> look, Runnable afterwards) {
        for (int attempt = 1; !closed; attempt++) {
            try {
                if (loop.isClosed()) {
                    close();
                    return;
                }
                synchronized (lock) {
                    hints.add(EVERYWHERE);
                }
                again(look, afterwards);
                return;
            } catch (OutOfMemoryError | StackOverflowError e) { // else no scan would follow
                if (attempt == Persistently.MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Retries after a delay, as the pool was full. If the loop is closed there is nothing to report any more. */
    private void again(Callable<Findings> look, Runnable afterwards) {
        try {
            if (!closed) {
                loop.schedule(Duration.ofMillis(100), () -> computeAgain(look, afterwards), this::close);
            }
        } catch (RejectedExecutionException e) {
            close();
        }
    }

    private void computeAgain(Callable<Findings> look, Runnable afterwards) {
        try {
            compute(look, afterwards);
        } catch (Throwable t) {
            failed(t, look, afterwards);
        }
    }

    /** In the loop. */
    private void report(Findings found, Runnable afterwards) {
        try {
            reportSome(found, afterwards);
        } catch (Throwable t) {
            failed(t, NO_LOOK, afterwards);
        }
    }

    private void reportSome(Findings found, Runnable afterwards) {
        for (int i = 0; i < EVENTS_PER_TURN && !closed; i++) {
            Record next = found.all.poll();
            if (next == null) {
                afterwards.run();
                look();
                return;
            }
            if (next instanceof FileEvent event) {
                listener.onEvent(event);
            } else if (next instanceof WatchError error) {
                guard(() -> errorListener.accept(error));
            }
        }
        if (!closed) {
            try {
                loop.execute(() -> report(found, afterwards));
            } catch (RejectedExecutionException e) {
                close();
            }
        }
    }

    /** Calls a listener; what it throws is reported to the loop's error handler, with this watcher as the source. */
    @SuppressWarnings("CatchingUnchecked")
    private void guard(Runnable call) {
        if (closed) {
            return;
        }
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            report(e);
        }
    }

    private void report(Throwable thrown) {
        try {
            Persistently.report(loop, this, thrown);
        } catch (RejectedExecutionException closedMeanwhile) {
            thrown.addSuppressed(closedMeanwhile);
            Exceptions.rethrow(thrown);
        }
    }

    private static void raise(WatchError error) {
        throw new UncheckedIOException("watching " + error.path(), error.cause());
    }

    @Override
    public String toString() {
        return "file watcher by " + opened.name() + (closed ? " (closed)" : "");
    }
}
