package io.millio.transport;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.Objects;

/** A channel of {@code java.nio} as a source; made by {@link Source#of}. Any thread. */
public final class ChannelSource implements Source {
    private final SelectableChannel channel;

    ChannelSource(SelectableChannel channel) {
        this.channel = Objects.requireNonNull(channel, "channel");
        if (channel.isBlocking()) {
            throw new IllegalArgumentException("channel: in blocking mode, configureBlocking(false) first: " + channel);
        }
    }

    /** The channel itself. */
    public SelectableChannel channel() {
        return channel;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public int condition() {
        return channel.isOpen() ? 0 : Readiness.CLOSED;
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}
