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
 * Watches directories and single files, and tells in the turns of a loop what was created, modified, deleted and moved
 * in them.
 *
 * <p>It remembers how the files looked and tells the differences, so each is told once: also when the system loses
 * changes, and in directories that were just made. What was created and deleted before it could look is not told. Its
 * memory grows with the number of files. All that touches files is done on the loop's {@linkplain EventLoop#compute
 * compute pool}, one thing at a time.
 *
 * <p>Every method is for any thread. Close it before its loop: one that is left over may keep a sleeping daemon thread.
 */
public final class FileWatcher implements AutoCloseable {
    /** So that many changes at once do not hold up what else the loop does. */
    private static final int EVENTS_PER_TURN = 256;

    /** Hints that may wait; when there are more, looking everywhere is cheaper. */
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
    private boolean looking = true; // the start is the first look

    private volatile boolean closed; // set once, by any thread

    FileWatcher(FileWatcherBuilder settings, List<WatchProvider> candidates) throws IOException {
        loop = settings.loop;
        errorListener = settings.errorListener == null ? FileWatcher::raise : settings.errorListener;
        FileListener told = settings.checkedListener();
        FileListener guarded = event -> guard(() -> told.onEvent(event));
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

    /** Settings for a watcher on a loop. */
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
     * Completed, in the loop, when all is watched: what is changed from then on is told. Cancelled if the watcher is
     * closed before.
     */
    public CompletableFuture<Void> ready() {
        return ready.copy();
    }

    /** The name of what tells it of changes: {@code inotify}, {@code watch-service}, {@code polling}. */
    public String backend() {
        return opened.name();
    }

    /**
     * Why each better backend than {@link #backend} was passed over, with its name; empty where the best was opened, or
     * one was asked for.
     */
    public List<String> passedOver() {
        return opened.passedOver();
    }

    /** Tells nothing from here on; in another thread's turn a call under way may finish. A second call does nothing. */
    @Override
    public void close() {
        closed = true;
        backend.close();
        ready.cancel(false);
        if (debounce != null && !loop.isClosed()) {
            try {
                loop.execute(debounce::cancel);
            } catch (RejectedExecutionException e) {
                // closed meanwhile, and its timers with it
            }
        }
    }

    /** Nothing is watched any more: an error of each path that was asked for. Any thread. */
    private void backendFailed(List<Path> paths, Throwable cause) {
        IOException failure = cause instanceof IOException io
                ? io
                : new IOException("the watch backend " + opened.name() + " has failed", cause);
        try {
            loop.execute(() -> paths.forEach(path -> guard(() -> errorListener.accept(new WatchError(path, failure)))));
        } catch (RejectedExecutionException e) {
            // the loop is closed, and with it nothing is reported any more
        }
    }

    // ---- looking: one thing at a time, begun by who finds nobody looking

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
            tell(found, afterwards);
        } else {
            failed(failure, ready.isDone() ? NO_LOOK : look, afterwards); // the first look also begins to watch
        }
    }

    /** It is unknown how far it got: looks everywhere, after a while. */
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
            } catch (OutOfMemoryError | StackOverflowError e) { // else it would never look again
                if (attempt == Persistently.MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** After a while: the pool was full. If the loop is closed there is nothing to report any more. */
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
    private void tell(Findings found, Runnable afterwards) {
        try {
            tellSome(found, afterwards);
        } catch (Throwable t) {
            failed(t, NO_LOOK, afterwards);
        }
    }

    private void tellSome(Findings found, Runnable afterwards) {
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
                loop.execute(() -> tell(found, afterwards));
            } catch (RejectedExecutionException e) {
                close();
            }
        }
    }

    /** What a listener throws is reported to the loop's error handler, as of this watcher, and the rest goes on. */
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
