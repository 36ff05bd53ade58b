package io.millio.watch;

import java.util.List;

/** Where a {@link WatchBackend} puts what it hears. Any thread; does not block. */
@FunctionalInterface
public interface WatchSink {
    /**
     * Takes hints, in the order in which they were heard; those of different calls are looked at in the order of the
     * calls.
     */
    void hints(List<WatchHint> hints);

    /** Takes the failure that has ended the backend: it reports no hints after this. Any thread; does not block. */
    default void failed(Throwable cause) {}
}
