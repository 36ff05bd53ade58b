package io.millio.linux;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.transport.Interest;
import io.millio.watch.WatchBackend;
import io.millio.watch.WatchHint;
import io.millio.watch.WatchSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hears of changes from inotify, as a source of the loop. */
final class InotifyBackend implements WatchBackend, EventHandler {
    /** So that one call does not go on for ever while changes do; the rest is reported again. */
    private static final int READS_PER_EVENT = 16;

    private final Inotify inotify;
    private final WatchSink sink;

    private InotifyBackend(Inotify inotify, WatchSink sink) {
        this.inotify = inotify;
        this.sink = sink;
    }

    static InotifyBackend open(EventLoop loop, WatchSink sink) throws IOException {
        Inotify inotify = Inotify.open();
        InotifyBackend backend = new InotifyBackend(inotify, sink);
        try {
            loop.register(inotify, Interest.READABLE, backend);
        } catch (IOException | RuntimeException e) {
            inotify.close();
            throw e;
        }
        return backend;
    }

    @Override
    public void watch(Path directory) throws IOException {
        inotify.watch(directory);
    }

    @Override
    public void unwatch(Path directory) {
        try {
            inotify.unwatchOnly(directory);
        } catch (IOException e) {
            if (inotify.isOpen()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void handle(Event event) throws IOException {
        List<WatchHint> batch = new ArrayList<>();
        // Once more where half of a move is the last: the other half comes at once, if at all.
        try {
            for (int i = 0; i < READS_PER_EVENT || endsInAMove(batch); i++) {
                if (inotify.read(each -> hear(each, batch)) == 0) {
                    break;
                }
            }
        } finally {
            sink.hints(batch); // also what was read before a read failed
        }
    }

    @Override
    public void onClose(Registration registration, @Nullable Throwable cause) {
        if (cause != null) {
            sink.failed(cause);
        }
    }

    private static boolean endsInAMove(List<WatchHint> batch) {
        return !batch.isEmpty() && batch.get(batch.size() - 1).kind() == WatchHint.Kind.MOVED_FROM;
    }

    private static void hear(InotifyEvent event, List<WatchHint> batch) {
        Path path = event.path();
        if (path == null) {
            batch.add(WatchHint.overflow(null));
            return;
        }
        switch (event.kind()) {
            case CLOSED_AFTER_WRITE,
                    UNWATCHED -> {} // reported when it was written; only of trees, which are not used here
            case DELETED_SELF, MOVED_SELF, UNMOUNTED -> batch.add(WatchHint.gone(path));
            default -> {
                Path directory = path.getParent();
                Path name = path.getFileName();
                if (directory != null && name != null) {
                    batch.add(new WatchHint(kind(event.kind()), directory, name, event.cookie()));
                }
            }
        }
    }

    private static WatchHint.Kind kind(InotifyEvent.Kind kind) {
        return switch (kind) {
            case MODIFIED -> WatchHint.Kind.MODIFIED;
            case MOVED_FROM -> WatchHint.Kind.MOVED_FROM;
            case MOVED_TO -> WatchHint.Kind.MOVED_TO;
            default -> WatchHint.Kind.CHANGED;
        };
    }

    @Override
    public void close() {
        try {
            inotify.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
