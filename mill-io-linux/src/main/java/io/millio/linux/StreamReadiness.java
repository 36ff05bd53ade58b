package io.millio.linux;

import io.millio.transport.Readiness;

/** What events of epoll mean for sources of bytes. */
final class StreamReadiness {
    private StreamReadiness() {}

    /** A source that has hung up or failed can be read and written without waiting: the call tells how it is. */
    static int of(int events) {
        int ready = 0;
        if ((events & Constants.EPOLLIN) != 0) {
            ready |= Readiness.READABLE;
        }
        if ((events & Constants.EPOLLOUT) != 0) {
            ready |= Readiness.WRITABLE;
        }
        if ((events & Constants.EPOLLRDHUP) != 0) {
            ready |= Readiness.READ_CLOSED;
        }
        if ((events & Constants.EPOLLHUP) != 0) {
            ready |= Readiness.READABLE | Readiness.WRITABLE | Readiness.READ_CLOSED | Readiness.WRITE_CLOSED;
        }
        if ((events & Constants.EPOLLERR) != 0) {
            ready |= Readiness.READABLE | Readiness.WRITABLE | Readiness.ERROR;
        }
        return ready;
    }
}
