package io.millio.linux;

import io.millio.EventLoop;
import io.millio.watch.WatchBackend;
import io.millio.watch.WatchProvider;
import io.millio.watch.WatchSink;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Offers inotify to {@link io.millio.watch.FileWatcher}, on loops whose transport is epoll: no thread waits for
 * changes.
 */
public final class InotifyWatchProvider implements WatchProvider {
    /** For {@link java.util.ServiceLoader}. */
    public InotifyWatchProvider() {}

    @Override
    public String name() {
        return "inotify";
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public @Nullable String unusableReason(EventLoop loop) {
        String transport = loop.transport().name();
        return transport.equals(EpollTransport.NAME) ? null : "needs the transport epoll, the loop has " + transport;
    }

    @Override
    public WatchBackend open(EventLoop loop, WatchSink sink) throws IOException {
        return InotifyBackend.open(loop, sink);
    }
}
