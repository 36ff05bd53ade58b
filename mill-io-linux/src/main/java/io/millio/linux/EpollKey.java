package io.millio.linux;

import io.millio.linux.sys.Constants;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import org.jspecify.annotations.Nullable;

/** A source in a poller. */
final class EpollKey implements Poller.Key {
    final EpollPoller poller;
    final Descriptor source;
    final Object attachment;

    // Set by the thread that adds, under the poller's lock, before the loop can find this key; never again.
    long data;

    // Volatile: set by any thread that removes, under the poller's lock; read in the turn before an event is reported.
    volatile boolean removed;

    // The four below belong to the loop's turn, once this key can be found.
    int interestBits;
    int armed;
    boolean changeQueued;

    @Nullable
    EpollKey nextChanged;

    /** Whether it is armed by edge, because what is ready is not wanted and would be reported for ever. Loop's turn. */
    boolean quiet;

    EpollKey(EpollPoller poller, Descriptor source, Object attachment, int interestBits) {
        this.poller = poller;
        this.source = source;
        this.attachment = attachment;
        this.interestBits = interestBits;
        this.armed = events();
    }

    /** Returns what epoll must be asked for, so that the interest is met. */
    int events() {
        int wanted = ((interestBits & Readiness.READABLE) != 0 ? Constants.EPOLLIN : 0)
                | ((interestBits & Readiness.WRITABLE) != 0 ? Constants.EPOLLOUT : 0);
        // Errors and hang-ups can't be switched off, and stay: without an interest they are reported once.
        return wanted | Constants.EPOLLRDHUP | (wanted == 0 || quiet ? Constants.EPOLLET : 0);
    }
}
