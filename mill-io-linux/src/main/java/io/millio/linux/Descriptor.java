package io.millio.linux;

import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.UseCount;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/** What all sources of this package share: a descriptor, its place in a poller, and what has ended. */
abstract class Descriptor extends UseCount implements Source {
    private static final AtomicReferenceFieldUpdater<Descriptor, @Nullable EpollKey> KEY =
            AtomicReferenceFieldUpdater.newUpdater(Descriptor.class, EpollKey.class, "key");

    /** Its number; to be used only between {@link #begin} and {@link #end}. */
    final int fd;

    // Taken by compare-and-set from null, so that two pollers can't both have it; read volatile by close().
    private volatile @Nullable EpollKey key;

    // Each written by one side (reader or writer), never reset; volatile, because the loop asks from its own thread.
    private volatile boolean inputEnded;
    private volatile boolean failed;

    Descriptor(int fd) {
        this.fd = fd;
    }

    /**
     * The {@link Readiness} that events of epoll mean for this source. A stream that has hung up or failed can be read
     * and written.
     */
    int readiness(int events) {
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

    /**
     * Returns whether others may hold the same descriptor, so that closing it does not take it out of epoll: the
     * service manager, for instance, keeps the sockets that it passed.
     */
    boolean isShared() {
        return true;
    }

    /** Called before another process can have the same descriptor. Any thread. */
    void share() {}

    /** Called before this process closes a socket that lives on in another one, whose file is to stay. Any thread. */
    void passedOn() {}

    /** Returns whether the descriptor is closed with this source. */
    boolean isOwned() {
        return true;
    }

    /** It has been closed; called once, by the thread that did, with others perhaps still in a call. */
    void closed() throws IOException {}

    final boolean claim(EpollKey by) {
        return KEY.compareAndSet(this, null, by);
    }

    final void release(EpollKey by) {
        KEY.compareAndSet(this, by, null);
    }

    /** Returns the result of a read or write: 0 where it would have waited, an exception where it failed. */
    final long transferred(long result, String what) throws IOException {
        if (result >= 0) {
            return result;
        }
        if (result == -Errno.EAGAIN) {
            return 0;
        }
        throw failure((int) -result, what);
    }

    /** Returns the result of a read of a stream of bytes, -1 at its end. */
    final int received(int result) throws IOException {
        if (result == 0) {
            inputEnded = true;
            return -1;
        }
        return (int) transferred(result, "reading");
    }

    /** Notes that the source has failed, and returns the exception to throw. */
    final IOException failure(int errno, String what) {
        failed = true;
        return exception(errno, what + " " + this);
    }

    /** The exception for a failed read or write. */
    IOException exception(int errno, String where) {
        return Errno.ofFile(errno, where);
    }

    final void begin() throws ClosedChannelException {
        if (!enter()) {
            throw new ClosedChannelException();
        }
    }

    /** A failure to close has no caller here: the thread that closed has gone on. */
    final void end() {
        if (leave()) {
            giveBack();
        }
    }

    /** Returns 0, or errno negated. */
    private int giveBack() {
        EpollKey registered = key;
        if (registered != null && isShared()) {
            registered.poller.forget(fd);
        }
        return isOwned() ? Libc.close(fd) : 0;
    }

    @Override
    public final boolean isOpen() {
        return !isShut();
    }

    @Override
    public final void close() throws IOException {
        close(true);
    }

    /** Closes it; without notifying the poller where the caller's failure is to be reported first, as the cause. */
    final void close(boolean notifyPoller) throws IOException {
        if (!shut()) {
            return;
        }
        int result = leave() ? giveBack() : 0;
        EpollKey registered = key;
        if (registered != null && notifyPoller) {
            registered.poller.sourceClosed(registered);
        }
        closed();
        if (result < 0) {
            throw Errno.ofFile(-result, "closing " + this);
        }
    }

    @Override
    public int condition() {
        if (isShut()) {
            return Readiness.CLOSED;
        }
        return (inputEnded ? Readiness.READ_CLOSED : 0) | (failed ? Readiness.ERROR : 0);
    }
}
