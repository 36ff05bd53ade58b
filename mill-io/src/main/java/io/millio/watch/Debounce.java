package io.millio.watch;

import io.millio.EventLoop;
import io.millio.Timer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Delays changes until their path has been quiet for a while, and merges several into one: created and modified is
 * created, created and deleted is nothing, deleted and created is modified. In the loop only. O(1) a change, but O(n)
 * in the delayed changes for the move of a directory, which reports them first.
 */
final class Debounce implements FileListener {
    private record Waiting(FileEvent event, long sinceNanos) {}

    private final EventLoop loop;
    private final long quietNanos;
    private final FileListener next;
    private final Map<Path, Waiting> waiting = new LinkedHashMap<>(); // by the time of the last change
    private @Nullable Timer timer;

    Debounce(EventLoop loop, Duration quiet, FileListener next) {
        this.loop = loop;
        this.quietNanos = quiet.toNanos();
        this.next = next;
    }

    @Override
    public void onEvent(FileEvent event) {
        Path path = event.path();
        if (path == null || event.kind() == FileEvent.Kind.OVERFLOW) {
            next.onEvent(event);
            return;
        }
        FileEvent merged = event.kind() == FileEvent.Kind.MOVED ? moved(event, path) : event;
        Waiting before = waiting.remove(path);
        FileEvent result = before == null ? merged : merge(before.event(), merged);
        if (result != null) {
            waiting.put(path, new Waiting(result, loop.nanoTime()));
            arm();
        }
    }

    /**
     * Merges a move with the delayed change of its source: a created file becomes one created at the new path; any
     * other change is reported before the move.
     */
    private FileEvent moved(FileEvent event, Path path) {
        if (event.isDirectory()) {
            flush();
            return event;
        }
        Waiting source = event.from() == null ? null : waiting.remove(event.from());
        if (source == null) {
            return event;
        }
        if (source.event().kind() == FileEvent.Kind.CREATED) {
            return FileEvent.of(FileEvent.Kind.CREATED, path, false);
        }
        next.onEvent(source.event());
        return event;
    }

    private @Nullable FileEvent merge(FileEvent before, FileEvent after) {
        FileEvent.Kind first = before.kind();
        FileEvent.Kind second = after.kind();
        if (first == FileEvent.Kind.CREATED && second == FileEvent.Kind.MODIFIED) {
            return before;
        }
        if (first == FileEvent.Kind.CREATED && second == FileEvent.Kind.DELETED) {
            return null;
        }
        if (first == FileEvent.Kind.DELETED
                && second == FileEvent.Kind.CREATED
                && before.isDirectory() == after.isDirectory()) {
            return after.isDirectory() ? null : new FileEvent(FileEvent.Kind.MODIFIED, after.path(), null, false);
        }
        if (first != FileEvent.Kind.MODIFIED || second == FileEvent.Kind.MOVED) {
            next.onEvent(before);
        }
        return after;
    }

    private void arm() {
        if (timer == null) {
            timer = loop.scheduleNanos(quietNanos, this::reportQuiet);
        } else if (!timer.isWaiting()) {
            timer.restartNanos(quietNanos);
        }
    }

    private void reportQuiet() {
        long now = loop.nanoTime();
        List<FileEvent> quiet = new ArrayList<>();
        for (Iterator<Waiting> oldest = waiting.values().iterator(); oldest.hasNext(); ) {
            Waiting each = oldest.next();
            long restNanos = quietNanos - (now - each.sinceNanos());
            if (restNanos > 0) {
                if (timer != null) {
                    timer.restartNanos(restNanos);
                }
                break;
            }
            oldest.remove();
            quiet.add(each.event());
        }
        quiet.forEach(next::onEvent);
    }

    private void flush() {
        List<FileEvent> all = waiting.values().stream().map(Waiting::event).toList();
        waiting.clear();
        all.forEach(next::onEvent);
    }

    /** Discards the delayed changes. */
    void cancel() {
        waiting.clear();
        if (timer != null) {
            timer.cancel();
        }
    }
}
