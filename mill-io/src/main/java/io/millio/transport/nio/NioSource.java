package io.millio.transport.nio;

import io.millio.transport.Readiness;
import io.millio.transport.SocketSource;
import java.io.IOException;
import java.net.SocketOption;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/** What the sockets of this transport share: their place in a poller, and what has ended. */
abstract class NioSource<S extends SocketSource<S>> implements SocketSource<S> {
    @SuppressWarnings("rawtypes") // a class has no parameters
    private static final AtomicReferenceFieldUpdater<NioSource, @Nullable NioKey> KEY =
            AtomicReferenceFieldUpdater.newUpdater(NioSource.class, NioKey.class, "key");

    // Taken by compare-and-set from null, so that two pollers can't both have it; read volatile by close().
    private volatile @Nullable NioKey key;

    // Each written by one side (reader or writer), never reset; volatile, because the loop asks from its own thread.
    volatile boolean inputEnded;
    volatile boolean failed;

    abstract SelectableChannel channel();

    final boolean claim(NioKey by) {
        return KEY.compareAndSet(this, null, by);
    }

    final void release(NioKey by) {
        KEY.compareAndSet(this, by, null);
    }

    /** Has the poller, if there is one, look at this source again. */
    final void changed() {
        NioKey registered = key;
        if (registered != null) {
            registered.poller.sourceChanged(registered);
        }
    }

    @Override
    public final boolean isOpen() {
        return channel().isOpen();
    }

    @Override
    public final void close() throws IOException {
        if (!channel().isOpen()) {
            return;
        }
        try {
            channel().close();
        } finally {
            changed();
        }
        closed();
    }

    /** The channel has been closed; perhaps by two threads at once, then this is called twice. */
    void closed() throws IOException {}

    // Every socket of this transport is a network channel.

    @Override
    @SuppressWarnings("unchecked") // each socket names its own interface as S
    public final <T> S setOption(SocketOption<T> option, T value) throws IOException {
        ((NetworkChannel) channel()).setOption(option, value);
        return (S) this;
    }

    @Override
    public final <T> T getOption(SocketOption<T> option) throws IOException {
        return ((NetworkChannel) channel()).getOption(option);
    }

    @Override
    public final Set<SocketOption<?>> supportedOptions() {
        return ((NetworkChannel) channel()).supportedOptions();
    }

    @Override
    public int condition() {
        if (!channel().isOpen()) {
            return Readiness.CLOSED;
        }
        return (inputEnded ? Readiness.READ_CLOSED : 0) | (failed ? Readiness.ERROR : 0);
    }
}
