package io.millio.transport.nio;

import io.millio.transport.ChannelSource;
import io.millio.transport.EventSink;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Selector}. Selected keys are gathered in a reusable array and reported afterwards, outside the selector's
 * monitors, so that a handler may add and close any source.
 *
 * <p>Two things of {@code java.nio} shape the rest. A cancelled key keeps its place, and a closed channel its
 * descriptor, until the next selection: so a thread that cancels or closes while the loop is selecting wakes it. And a
 * change of interest takes effect at the next selection: so changes are gathered, and only the net ones are passed on.
 */
final class NioPoller implements Poller, Consumer<SelectionKey> {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Selector selector;
    private final int eventCapacity;
    private final LongSupplier nanoClock;

    // Selected and not reported yet: ready[readyNext .. readyCount). Loop's turn.
    private @Nullable SelectionKey[] ready;
    private int readyNext;
    private int readyCount;

    // The last of the keys whose interest may differ from what is armed, linked through themselves. Loop's turn.
    private @Nullable NioKey changed;

    // Keys of sources that their users have closed, or connected; its own synchronization.
    private final ConcurrentLinkedQueue<NioKey> changedSources = new ConcurrentLinkedQueue<>();

    // How many threads want the selector's monitor, which the loop must not hold for a whole sleep meanwhile.
    // Incremented before the wake-up, read by the loop before it sleeps: it sees the one or the other.
    private final AtomicInteger registering = new AtomicInteger();

    // Whether the loop is in a selection, or about to be. Written volatile before the selection looks at cancelled keys
    // and at the changed sources; read volatile after a thread has cancelled or closed: one of the two sees the other.
    private volatile boolean selecting;

    NioPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        this.selector = Selector.open();
        this.eventCapacity = eventCapacity;
        this.nanoClock = nanoClock;
        this.ready = new SelectionKey[Math.min(eventCapacity, 1024)];
    }

    @Override
    public Key add(Source source, Object attachment, Interest interest) throws IOException {
        if (!(source instanceof NioSource<?>) && !(source instanceof ChannelSource)) {
            throw new IllegalArgumentException(
                    "source: transport nio can't poll a " + source.getClass().getName() + ": " + source);
        }
        NioKey key = new NioKey(this, source, attachment, interest.bits());
        if (!key.claim()) {
            throw new IllegalStateException("source: already registered: " + source);
        }
        try {
            register(key);
            return key;
        } catch (Throwable t) {
            key.removed = true; // a close in the meantime may have queued it: it must not be reported
            key.release();
            if (t instanceof ClosedSelectorException) {
                throw new IOException("the poller is closed", t);
            }
            if (t instanceof ClosedChannelException && t.getCause() == null) {
                t.initCause(new IOException("source: closed: " + source));
            }
            throw t;
        }
    }

    private void register(NioKey key) throws IOException {
        SelectableChannel channel = key.channel;
        while (true) {
            // The lock that register() itself takes: the look and the registration must be one step.
            synchronized (channel.blockingLock()) {
                SelectionKey old = channel.keyFor(selector);
                if (old == null) {
                    key.selectionKey = channel.register(selector, key.armedOperations, key);
                    return;
                }
                if (old.isValid()) {
                    throw new IllegalStateException("source: already registered: " + key.source);
                }
            }
            discardCancelledKeys(); // the channel was here before
        }
    }

    /**
     * Has cancelled keys leave the selector, which they do with a selection only: makes one. What it selects is
     * selected again by the next; the wake-up that it may have used up is given back. Any thread; waits for a poll, and
     * not for callbacks.
     */
    private void discardCancelledKeys() throws IOException {
        registering.incrementAndGet();
        try {
            selector.wakeup();
            selector.selectNow(NioPoller::ignore);
            selector.wakeup();
        } finally {
            registering.decrementAndGet();
        }
    }

    private static void ignore(SelectionKey key) {}

    @Override
    public void modify(Key key, Interest interest) {
        NioKey own = (NioKey) key;
        own.interestBits = interest.bits();
        queueChange(own);
    }

    private void queueChange(NioKey key) {
        if (!key.changeQueued) {
            key.changeQueued = true;
            key.nextChanged = changed;
            changed = key;
        }
    }

    @Override
    public void remove(Key key) {
        NioKey own = (NioKey) key;
        if (own.removed) {
            return;
        }
        own.removed = true;
        SelectionKey selectionKey = own.selectionKey;
        if (selectionKey != null) {
            selectionKey.cancel();
        }
        own.release();
        cancelled(own);
    }

    /** Its key was cancelled. A channel that holds a port must give it back with its close and not some time later. */
    private void cancelled(NioKey key) {
        if (!key.holdsPort()) {
            wakeSelection();
            return;
        }
        try {
            discardCancelledKeys();
        } catch (IOException | ClosedSelectorException e) {
            // The next poll fails for the same reason and ends the loop; or it has ended, and no key is left.
        }
    }

    /** The source of this key was closed, or connected, by its user. Any thread. */
    void sourceChanged(NioKey key) {
        changedSources.add(key);
        if (key.channel.isOpen()) {
            wakeSelection();
        } else {
            cancelled(key);
        }
    }

    private void wakeSelection() {
        if (selecting) {
            selector.wakeup();
        }
    }

    @Override
    public void poll(long deadlineNanos, EventSink sink) throws IOException {
        boolean reported = applyChangedSources(sink);
        if (readyNext == readyCount) {
            applyChanges();
            select(reported, deadlineNanos);
        }
        reportReady(sink);
    }

    private boolean applyChangedSources(EventSink sink) {
        boolean reported = false;
        for (@Nullable NioKey key; (key = changedSources.poll()) != null; ) {
            if (key.removed) {
                continue;
            }
            if (key.channel.isOpen()) {
                queueChange(key);
            } else {
                sink.ready(key.attachment, Readiness.CLOSED);
                reported = true;
            }
        }
        return reported;
    }

    private void applyChanges() {
        NioKey connecting = null;
        for (NioKey key; (key = changed) != null; ) {
            changed = key.nextChanged;
            key.nextChanged = null;
            key.changeQueued = false;
            int wanted = key.operations();
            if (key.isConnectReported() && wanted == SelectionKey.OP_CONNECT) {
                key.nextChanged = connecting;
                connecting = key;
            }
            SelectionKey selectionKey = key.selectionKey;
            if (wanted != key.armedOperations && selectionKey != null) {
                try {
                    selectionKey.interestOps(wanted);
                    key.armedOperations = wanted;
                } catch (CancelledKeyException e) {
                    // removed or closed since: nothing to change any more
                }
            }
        }
        lookAgain(connecting);
    }

    /**
     * A channel of the program's does not say when it is connected, and the same interest is another operation then.
     */
    private void lookAgain(@Nullable NioKey connecting) {
        for (NioKey key = connecting; key != null; ) {
            NioKey next = key.nextChanged;
            if (!key.removed) {
                queueChange(key);
            } else {
                key.nextChanged = null;
            }
            key = next;
        }
    }

    private void select(boolean dontWait, long deadlineNanos) throws IOException {
        long waitNanos = deadlineNanos - nanoClock.getAsLong();
        selecting = true;
        try {
            if (dontWait || waitNanos <= 0 || !changedSources.isEmpty() || registering.get() > 0) {
                selector.selectNow(this);
            } else {
                // Rounded up: a timer must not find that it has been woken too early, again and again.
                selector.select(this, (waitNanos - 1) / NANOS_PER_MILLI + 1);
            }
        } catch (ClosedSelectorException e) {
            throw new IOException("the poller is closed", e);
        } finally {
            selecting = false;
        }
    }

    /** The selector's: this key is selected. */
    @Override
    public void accept(SelectionKey key) {
        if (readyCount == ready.length) {
            ready = Arrays.copyOf(ready, readyCount * 2);
        }
        ready[readyCount++] = key;
    }

    private void reportReady(EventSink sink) {
        int end = Math.min(readyCount, readyNext + eventCapacity);
        while (readyNext < end) {
            SelectionKey selectionKey = Objects.requireNonNull(ready[readyNext]);
            ready[readyNext++] = null;
            NioKey key = (NioKey) selectionKey.attachment();
            key.selectionKey = selectionKey; // the thread that adds it may not have come so far; it writes the same
            if (key.removed) {
                continue;
            }
            int operations;
            try {
                operations = selectionKey.readyOps();
            } catch (CancelledKeyException e) {
                continue; // closed since it was selected, and reported as that
            }
            if ((operations & SelectionKey.OP_CONNECT) != 0) {
                key.connectReported = true;
                queueChange(key); // when the handler has finished connecting, the same interest is another operation
            }
            int readiness = toReadiness(operations);
            if (readiness != 0) {
                sink.ready(key.attachment, readiness);
            }
        }
        if (readyNext == readyCount) {
            readyNext = 0;
            readyCount = 0;
        }
    }

    private static int toReadiness(int operations) {
        int reading = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
        int writing = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;
        return ((operations & reading) != 0 ? Readiness.READABLE : 0)
                | ((operations & writing) != 0 ? Readiness.WRITABLE : 0);
    }

    @Override
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
