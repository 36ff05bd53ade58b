package io.millio.watch;

import io.millio.EventLoop;
import io.millio.Repeat;
import io.millio.Timer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Requests a scan of everything at intervals: for file systems without change notification, such as NFS. */
final class PollingBackend implements WatchBackend {
    private static final WatchHint LOOK = new WatchHint(WatchHint.Kind.RESCAN, null, null, 0);

    private final Timer timer;

    PollingBackend(EventLoop loop, WatchSink sink, Duration interval) {
        timer = loop.scheduleRepeating(interval, interval, Repeat.FIXED_DELAY, () -> sink.hints(List.of(LOOK)));
    }

    @Override
    public void watch(Path directory) {}

    @Override
    public void unwatch(Path directory) {}

    @Override
    public void close() {
        timer.cancel();
    }
}
