package io.millio.watch;

import java.util.List;

/** Receives the hints of a {@link WatchBackend}. Any thread; does not block. */
@FunctionalInterface
public interface WatchSink {
    /**
     * Takes hints, in the order in which the system reported them; those of different calls are processed in the order
     * of the calls.
     */
    void hints(List<WatchHint> hints);

    /** Takes the failure that has ended the backend: it reports no hints after this. Any thread; does not block. */
    default void failed(Throwable cause) {}
}
