package io.millio.watch;

import io.millio.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Receives changes from the JDK's {@link WatchService}, on a daemon thread that sleeps while there are none. */
final class WatchServiceBackend implements WatchBackend {
    /** Bounds a batch, which would grow without limit while changes go on. */
    private static final int MAX_HINTS = 8192;

    private final WatchService service;
    private final WatchSink sink;

    // Both guarded by keys. A directory that was moved keeps its key, whose own path is the old one: hence a map of
    // ours.
    private final Map<WatchKey, Path> keys = new HashMap<>();
    private final Map<Path, WatchKey> paths = new HashMap<>();

    private WatchServiceBackend(WatchService service, WatchSink sink) {
        this.service = service;
        this.sink = sink;
    }

    static WatchServiceBackend open(EventLoop loop, WatchSink sink) throws IOException {
        return open(FileSystems.getDefault().newWatchService(), loop, sink);
    }

    /** Takes ownership of a service. */
    static WatchServiceBackend open(WatchService service, EventLoop loop, WatchSink sink) {
        WatchServiceBackend backend = new WatchServiceBackend(service, sink);
        boolean started = false;
        try {
            Thread thread = new Thread(backend::listen, loop + "-watch");
            thread.setDaemon(true);
            thread.start();
            started = true;
            return backend;
        } finally {
            if (!started) {
                backend.close();
            }
        }
    }

    @Override
    public void watch(Path directory) throws IOException {
        synchronized (keys) {
            WatchKey key;
            try {
                key = directory.register(
                        service,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_DELETE,
                        StandardWatchEventKinds.ENTRY_MODIFY);
            } catch (ClosedWatchServiceException e) {
                throw new IOException("the watcher is closed", e);
            }
            Path before = keys.put(key, directory);
            if (before != null) {
                paths.remove(before, key);
            }
            WatchKey replaced = paths.put(directory, key);
            if (replaced != null && !replaced.equals(key)) {
                keys.remove(replaced, directory);
                replaced.cancel();
            }
        }
    }

    @Override
    public void unwatch(Path directory) {
        synchronized (keys) {
            WatchKey key = paths.remove(directory);
            if (key != null) {
                keys.remove(key);
                key.cancel();
            }
        }
    }

    @SuppressWarnings("CatchingUnchecked")
    private void listen() {
        List<WatchHint> batch = new ArrayList<>();
        try {
            while (true) {
                WatchKey key = service.take();
                while (key != null && batch.size() < MAX_HINTS) {
                    take(key, batch);
                    key = service.poll();
                }
                if (key != null) {
                    take(key, batch);
                }
                sink.hints(List.copyOf(batch));
                batch.clear();
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            // closed, or this thread was interrupted: either way it ends
        } catch (RuntimeException | Error e) {
            sink.failed(e);
        }
    }

    private void take(WatchKey key, List<WatchHint> batch) {
        List<WatchEvent<?>> events = key.pollEvents();
        boolean valid = key.reset();
        Path directory;
        synchronized (keys) {
            directory = keys.get(key);
            if (directory == null) {
                return; // unwatched since
            }
            if (!valid) {
                keys.remove(key);
                paths.remove(directory, key);
            }
        }
        for (WatchEvent<?> event : events) {
            if (event.context() instanceof Path name) {
                boolean modified = event.kind() == StandardWatchEventKinds.ENTRY_MODIFY;
                batch.add(
                        WatchHint.entry(modified ? WatchHint.Kind.MODIFIED : WatchHint.Kind.CHANGED, directory, name));
            } else {
                batch.add(WatchHint.overflow(directory));
            }
        }
        if (!valid) {
            batch.add(WatchHint.gone(directory));
        }
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
