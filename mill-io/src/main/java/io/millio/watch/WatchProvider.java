package io.millio.watch;

import io.millio.EventLoop;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Offers a {@link WatchBackend} to {@link java.util.ServiceLoader}. Making a provider must be cheap and touch nothing.
 */
public interface WatchProvider {
    /** The name of the backend. */
    String name();

    /** The higher the better: {@code watch-service} has 0. */
    int priority();

    /** Why the backend can't be used with this loop; null if it can. */
    @Nullable
    String unusableReason(EventLoop loop);

    /** Opens a backend; called only when there is no {@link #unusableReason}. */
    WatchBackend open(EventLoop loop, WatchSink sink) throws IOException;
}
