package io.millio.transport.nio;

import io.millio.transport.ChannelSource;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A source in a poller: the attachment of its selection key. */
final class NioKey implements Poller.Key {
    final NioPoller poller;
    final Source source;
    final SelectableChannel channel;
    final Object attachment;

    // Set to one and the same value by the thread that adds, before its caller has this key, and by the loop when it is
    // selected; so a reader has it from one of the two, or has written it.
    @Nullable
    SelectionKey selectionKey;

    // Volatile: set by any thread that removes, read in the turn before an event is reported.
    volatile boolean removed;

    // The five below belong to the loop's turn.
    int interestBits;
    int armedOperations;
    boolean changeQueued;
    boolean connectReported;

    @Nullable
    NioKey nextChanged;

    /** For a source that is a {@link NioSource} or a {@link ChannelSource}. */
    NioKey(NioPoller poller, Source source, Object attachment, int interestBits) {
        this.poller = poller;
        this.source = source;
        this.channel = source instanceof NioSource<?> own ? own.channel() : ((ChannelSource) source).channel();
        this.attachment = attachment;
        this.interestBits = interestBits;
        this.armedOperations = operations();
    }

    boolean claim() {
        return !(source instanceof NioSource<?> own) || own.claim(this);
    }

    void release() {
        if (source instanceof NioSource<?> own) {
            own.release(this);
        }
    }

    /**
     * Returns whether the program may finish connecting at any moment, unseen: a stream of this transport says when it
     * does.
     */
    boolean isConnectReported() {
        return connectReported && source instanceof ChannelSource;
    }

    /** Returns whether another socket can't be bound to the port until this channel has given its descriptor back. */
    boolean holdsPort() {
        return channel instanceof ServerSocketChannel || channel instanceof DatagramChannel;
    }

    /** Returns what {@code java.nio} must be asked for, so that the interest is met. */
    int operations() {
        boolean connecting = channel instanceof SocketChannel socket && socket.isConnectionPending();
        int reading = connecting ? 0 : SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
        int writing = connecting ? SelectionKey.OP_CONNECT : SelectionKey.OP_WRITE;
        int wanted = ((interestBits & Readiness.READABLE) != 0 ? reading : 0)
                | ((interestBits & Readiness.WRITABLE) != 0 ? writing : 0);
        return wanted & channel.validOps();
    }
}
