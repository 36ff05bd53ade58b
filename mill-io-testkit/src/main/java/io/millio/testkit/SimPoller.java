package io.millio.testkit;

import io.millio.transport.EventSink;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Source;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A poller of a simulated host. In a seeded network a poll that waits lets others go on; in a live one it blocks its
 * thread.
 */
final class SimPoller implements Poller {
    private final SimHost host;
    private final SimWorld world;
    private final int eventCapacity;
    private final LongSupplier nanoClock;
    private final BooleanSupplier awake = this::isAwake;

    // Guarded by the world.
    private final List<SimKey> keys = new ArrayList<>();
    private boolean woken;
    private boolean closed;
    private boolean maybeReady;
    private boolean polled;
    private int nextFirst;

    // The events of one poll, the first size of each; loop thread only. Reported outside the guard, since handlers run.
    private SimKey[] ready = new SimKey[64];
    private int[] readiness = new int[64];
    private int size;

    SimPoller(SimHost host, int eventCapacity, LongSupplier nanoClock) {
        this.host = host;
        this.world = host.world;
        this.eventCapacity = eventCapacity;
        this.nanoClock = nanoClock;
    }

    @Override
    public Key add(Source source, Object attachment, Interest interest) throws IOException {
        if (!(source instanceof SimSource own) || own.world != world) {
            throw new IllegalArgumentException(
                    "source: transport sim can't poll a " + source.getClass().getName() + ": " + source);
        }
        if (own.host != host) {
            throw new IllegalArgumentException("source: of host " + own.host.hostName() + ", can't be polled on host "
                    + host.hostName() + ": " + source);
        }
        world.point();
        SimKey key = new SimKey(this, own, attachment, interest.bits());
        synchronized (world) {
            if (closed) {
                throw new IOException("the poller is closed");
            }
            if (!own.isOpen()) {
                ClosedChannelException failure = new ClosedChannelException();
                failure.initCause(new IOException("source: closed: " + source));
                throw failure;
            }
            if (!own.claim(key)) {
                throw new IllegalStateException("source: already registered: " + source);
            }
            keys.add(key);
            sourceChanged(key);
        }
        world.point();
        return key;
    }

    @Override
    public void modify(Key key, Interest interest) {
        world.point();
        SimKey own = (SimKey) key;
        synchronized (world) {
            own.setInterest(interest.bits());
            sourceChanged(own);
        }
    }

    @Override
    public void remove(Key key) {
        world.point();
        SimKey own = (SimKey) key;
        synchronized (world) {
            if (own.remove()) {
                keys.remove(own);
                own.source.release(own);
            }
        }
        world.point();
    }

    /** Called when a source may have become ready. Guarded. */
    void sourceChanged(SimKey key) {
        if (!key.isRemoved() && !maybeReady) {
            maybeReady = true;
            notifyLive();
        }
    }

    private void notifyLive() {
        if (world.isLive()) {
            synchronized (world) {
                world.notifyAll();
            }
        }
    }

    @Override
    public void wakeup() {
        world.point();
        synchronized (world) {
            woken = true;
            world.trace(host.hostName(), "woken");
            notifyLive();
        }
    }

    private boolean isAwake() {
        if (woken || closed) {
            return true;
        }
        if (maybeReady) {
            for (int i = 0; i < keys.size(); i++) {
                if (keys.get(i).unreported() != 0) {
                    return true;
                }
            }
            maybeReady = false;
        }
        return false;
    }

    /** Whether no loop has ever polled, and it is open. Guarded by the world. */
    boolean neverPolled() {
        return !polled && !closed;
    }

    @Override
    public void poll(long deadlineNanos, EventSink sink) throws IOException {
        polled = true;
        long waitNanos = deadlineNanos - nanoClock.getAsLong();
        if (waitNanos > 0) {
            if (world.isLive()) {
                waitLive(waitNanos);
            } else if (disturbed()) {
                return;
            } else {
                waitSeeded(waitNanos);
            }
        }
        synchronized (world) {
            if (closed) {
                throw new IOException("the poller is closed");
            }
            woken = false;
            gather();
        }
        report(sink);
    }

    private boolean disturbed() {
        if (world.fault(host.spuriousWakeUps, host.hostName(), "a poll returns without a cause")) {
            world.trace(host.hostName(), "poll returns without a cause");
            return true;
        }
        if (world.fault(host.interruptedPolls, host.hostName(), "a poll is interrupted")) {
            world.trace(host.hostName(), "poll is interrupted");
            Thread.currentThread().interrupt();
            return true;
        }
        return false;
    }

    private void waitSeeded(long waitNanos) {
        SimScheduler scheduler = world.scheduler;
        if (scheduler == null || isAwake()) {
            return;
        }
        long now = scheduler.nowNanos();
        // The poll timeout of a simulated loop is the longest there is: it stands for none.
        long until = waitNanos >= SimHost.POLL_TIMEOUT_NANOS - 1_000_000_000
                ? SimScheduler.NEVER
                : now + host.clock.simulated(waitNanos);
        scheduler.sleep(until, awake);
    }

    private void waitLive(long waitNanos) {
        long begin = System.nanoTime();
        synchronized (world) {
            while (!isAwake()) {
                long left = waitNanos - (System.nanoTime() - begin);
                if (left <= 0) {
                    return;
                }
                try {
                    world.wait(Math.min((left - 1) / 1_000_000 + 1, 3_600_000));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    private void gather() {
        int count = keys.size();
        size = 0;
        if (count == 0) {
            return;
        }
        // Which source is first differs from poll to poll, so that nothing relies on it and none starves.
        int first = world.isLive() ? nextFirst % count : world.random.below(count);
        for (int i = 0; i < count && size < eventCapacity; i++) {
            SimKey key = keys.get((first + i) % count);
            nextFirst = (first + i + 1) % count;
            int bits = key.unreported();
            if (bits != 0) {
                key.markReported(bits);
                add(key, bits);
            }
        }
    }

    private void add(SimKey key, int bits) {
        if (size == ready.length) {
            ready = Arrays.copyOf(ready, size * 2);
            readiness = Arrays.copyOf(readiness, size * 2);
        }
        ready[size] = key;
        readiness[size++] = bits;
    }

    private void report(EventSink sink) {
        for (int i = 0; i < size; i++) {
            if (!ready[i].isRemoved()) {
                sink.ready(ready[i].attachment, readiness[i]);
            }
        }
    }

    @Override
    public void awaitTurn(BooleanSupplier over) {
        if (world.scheduler != null && !over.getAsBoolean()) {
            world.scheduler.sleep(SimScheduler.NEVER, over);
        }
    }

    @Override
    public void close() {
        synchronized (world) {
            closed = true;
            for (SimKey key : keys) {
                key.remove();
                key.source.release(key);
            }
            keys.clear();
            host.pollers.remove(this);
            notifyLive();
        }
    }
}
