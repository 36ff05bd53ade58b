package io.millio.linux;

import io.millio.transport.Readiness;
import io.millio.transport.Source;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** What all sources of this package share: a descriptor, its place in a poller, and what has ended. */
abstract class Descriptor extends UseCount implements Source {
    private static final VarHandle KEY;

    static {
        try {
            KEY = MethodHandles.lookup().findVarHandle(Descriptor.class, "key", EpollKey.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Its number; to be used only between {@link #begin} and {@link #end}. */
    final int fd;

    // Taken by compare-and-set from null, so that two pollers can't both have it; read volatile by close().
    @SuppressWarnings("unused")
    private volatile @Nullable EpollKey key;

    // Each written by one side (reader or writer), never reset; volatile, because the loop asks from its own thread.
    private volatile boolean inputEnded;
    private volatile boolean failed;

    Descriptor(int fd) {
        this.fd = fd;
    }

    /** The {@link Readiness} that events of epoll mean for this source. */
    abstract int readiness(int events);

    /** What epoll is to tell of the peer, whatever the interest. */
    int hangUpEvents() {
        return 0;
    }

    /** Whether others may hold the same descriptor, so that closing it does not take it out of epoll. */
    boolean isShared() {
        return false;
    }

    /** Whether the descriptor is closed with this source. */
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

    final void inputEnded() {
        inputEnded = true;
    }

    final void failed() {
        failed = true;
    }

    final void begin() throws ClosedChannelException {
        if (!enter()) {
            throw new ClosedChannelException();
        }
    }

    /** A failure to close is nobody's here: the thread that closed has gone on. */
    final void end() {
        if (leave()) {
            giveBack();
        }
    }

    /** Returns 0, or errno negated. */
    private int giveBack() {
        int result = 0;
        EpollKey registered = key;
        if (registered != null && isShared()) {
            registered.poller.forget(fd);
        }
        if (isOwned()) {
            try (Scratch scratch = Scratch.take()) {
                result = FileCalls.close(scratch.errno, fd);
            }
        }
        return result;
    }

    @Override
    public final boolean isOpen() {
        return !isShut();
    }

    @Override
    public final void close() throws IOException {
        close(true);
    }

    /** Closes it; without telling the poller where the caller's failure is to be told first, as why it ended. */
    final void close(boolean tellPoller) throws IOException {
        if (!shut()) {
            return;
        }
        int result = leave() ? giveBack() : 0;
        EpollKey registered = key;
        if (registered != null && tellPoller) {
            registered.poller.sourceClosed(registered);
        }
        closed();
        if (result < 0 && result != -Errno.EINTR) { // Linux has closed it by then
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
