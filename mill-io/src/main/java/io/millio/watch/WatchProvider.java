package io.millio.watch;

import io.millio.EventLoop;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Offers a {@link WatchBackend} to {@link java.util.ServiceLoader}. Creating a provider must be cheap and have no side
 * effects.
 */
public interface WatchProvider {
    /** Returns the name of the backend. */
    String name();

    /** Returns the priority; the highest is tried first. {@code watch-service} has 0. */
    int priority();

    /** Returns why the backend can't be used with this loop; null if it can. */
    @Nullable
    String unusableReason(EventLoop loop);

    /** Opens a backend; called only when there is no {@link #unusableReason}. */
    WatchBackend open(EventLoop loop, WatchSink sink) throws IOException;
}
