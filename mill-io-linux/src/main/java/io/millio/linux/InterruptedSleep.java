package io.millio.linux;

import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;

/**
 * Has an interrupt of the sleeping thread wake a poller. The platform calls back at an interrupt only where one of its
 * selectors or channels is extended: it closes this one, which serves until then. Loop's turn only.
 */
final class InterruptedSleep extends AbstractInterruptibleChannel {
    private final EpollPoller poller;

    InterruptedSleep(EpollPoller poller) {
        this.poller = poller;
    }

    /** The thread sleeps from here on; one that has been interrupted already wakes the poller at once. */
    void started() {
        begin();
    }

    void ended() {
        try {
            end(true);
        } catch (AsynchronousCloseException e) {
            // interrupted: the sleep is over, and nothing else was to be ended
        }
    }

    @Override
    protected void implCloseChannel() {
        poller.wakeup();
    }
}
