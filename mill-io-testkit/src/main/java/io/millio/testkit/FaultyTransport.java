package io.millio.testkit;

import io.millio.transport.EventSink;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.SocketSettings;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Any transport, with a record of what a loop asks of it, and with faults that a test can order. For one loop; its
 * methods are for any thread.
 */
public final class FaultyTransport extends ForwardingTransport {
    /** What can be done in the place of, or before, a call. */
    @FunctionalInterface
    public interface Fault {
        /**
         * Does it.
         *
         * @throws IOException to have the call fail
         */
        void happen() throws IOException;
    }

    private static final Fault NOTHING = () -> {};

    private final List<Long> pollDeadlines = new CopyOnWriteArrayList<>();
    private final AtomicInteger wakeUps = new AtomicInteger();
    private final AtomicInteger emptyPolls = new AtomicInteger();
    private final AtomicInteger exhaustedAccepts = new AtomicInteger();
    private final AtomicReference<Fault> beforePoll = new AtomicReference<>(NOTHING);
    private final AtomicReference<Fault> beforeAdd = new AtomicReference<>(NOTHING);
    private volatile boolean sleepless;

    /**
     * Wraps a transport.
     *
     * @param delegate does the work
     */
    public FaultyTransport(Transport delegate) {
        super(delegate);
    }

    // ---- what was asked

    /**
     * The deadlines of all polls so far, oldest first.
     *
     * @return nanoseconds of the loop's clock
     */
    public List<Long> pollDeadlines() {
        return pollDeadlines;
    }

    /**
     * How often the poller was woken.
     *
     * @return calls of {@link Poller#wakeup}
     */
    public int wakeUps() {
        return wakeUps.get();
    }

    // ---- what shall happen

    /** From now on no poll waits, whatever its deadline. */
    public void dontSleep() {
        sleepless = true;
    }

    /**
     * Makes polls return immediately without events.
     *
     * @param polls how many
     */
    public void returnFromPolls(int polls) {
        emptyPolls.set(polls);
    }

    /**
     * Has accepts find the system out of descriptors.
     *
     * @param accepts how many, of all listeners together
     */
    public void exhaustAccepts(int accepts) {
        exhaustedAccepts.set(accepts);
    }

    /**
     * Has something happen at the beginning of each poll, when the loop has said that it sleeps.
     *
     * @param fault on the thread that polls
     */
    public void beforePoll(Fault fault) {
        beforePoll.set(fault);
    }

    /**
     * Has something happen once, at the beginning of the next {@link Poller#add}.
     *
     * @param fault on the thread that adds
     */
    public void beforeNextAdd(Fault fault) {
        beforeAdd.set(fault);
    }

    // ---- the transport

    @Override
    public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        return new FaultyPoller(delegate.openPoller(eventCapacity, nanoClock), nanoClock);
    }

    @Override
    public TcpListener openListener(SocketAddress address, int backlog, SocketSettings settings) throws IOException {
        return new FaultyListener(delegate.openListener(address, backlog, settings), this::exhausted);
    }

    private @Nullable IOException exhausted() {
        return take(exhaustedAccepts) ? new IOException("Too many open files (not really)") : null;
    }

    private static boolean take(AtomicInteger ordered) {
        return ordered.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }

    private final class FaultyPoller extends ForwardingPoller {
        private final LongSupplier clock;

        FaultyPoller(Poller poller, LongSupplier clock) {
            super(poller);
            this.clock = clock;
        }

        @Override
        public Key add(Source source, Object attachment, Interest interest) throws IOException {
            beforeAdd.getAndSet(NOTHING).happen();
            return delegate.add(source instanceof FaultyListener own ? own.delegate() : source, attachment, interest);
        }

        @Override
        public void poll(long deadlineNanos, EventSink sink) throws IOException {
            pollDeadlines.add(deadlineNanos);
            beforePoll.get().happen();
            if (!take(emptyPolls)) {
                delegate.poll(sleepless ? clock.getAsLong() : deadlineNanos, sink);
            }
        }

        @Override
        public void wakeup() {
            wakeUps.incrementAndGet();
            delegate.wakeup();
        }
    }
}
