package io.millio.linux;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/**
 * Has an interrupt of the sleeping thread wake a poller. The platform calls back at an interrupt only where one of its
 * selectors or channels is extended; of a selector this is nothing but the shape. Loop's turn only.
 */
final class InterruptedSleep extends AbstractSelector {
    private final EpollPoller poller;

    @SuppressWarnings("NullAway") // its provider is not used
    InterruptedSleep(EpollPoller poller) {
        super(null);
        this.poller = poller;
    }

    /** The thread sleeps from here on; one that has been interrupted already wakes the poller at once. */
    void started() {
        begin();
    }

    void ended() {
        end();
    }

    @Override
    public Selector wakeup() {
        poller.wakeup();
        return this;
    }

    @Override
    protected void implCloseSelector() {}

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int operations, Object attachment) {
        throw new UnsupportedOperationException("not a selector for " + (SelectableChannel) channel);
    }

    @Override
    public Set<SelectionKey> keys() {
        return Set.of();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return Set.of();
    }

    @Override
    public int selectNow() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select(long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select() {
        throw new UnsupportedOperationException();
    }
}
