package io.millio.testkit;

import io.millio.transport.Readiness;
import io.millio.transport.Source;
import java.io.IOException;
import java.net.SocketOption;
import java.nio.channels.ClosedChannelException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the simulated sockets share: their place in a poller, their options, and what has ended. The world guards it.
 */
abstract class SimSource implements Source {
    final SimHost host;
    final SimWorld world;
    final SimOptions options;

    // Volatile, all three: written under the guard, read by any thread.
    private volatile boolean open = true;
    private volatile boolean inputEnded;
    private volatile boolean failed;

    private @Nullable SimKey key;
    private boolean hasDescriptor;
    private boolean dead;

    SimSource(SimHost host, SimOptions options) {
        this.host = host;
        this.world = host.world;
        this.options = options;
        host.sources.add(this);
    }

    /** What it is ready for now: readiness bits. Guarded. */
    abstract int ready();

    /** It is closed now; once. Guarded. */
    abstract void closed();

    /** How the trace calls it. */
    abstract String label();

    // ---- its place in a poller, guarded

    final boolean claim(SimKey by) {
        if (key != null) {
            return false;
        }
        key = by;
        return true;
    }

    final void release(SimKey by) {
        if (key == by) {
            key = null;
        }
    }

    /** It may be ready for something now. */
    final void changed() {
        SimKey registered = key;
        if (registered != null) {
            registered.poller.sourceChanged(registered);
        }
    }

    // ---- descriptors, guarded: a connection that nothing has accepted yet has none

    final void takeDescriptor() {
        hasDescriptor = true;
        host.descriptors++;
    }

    // ---- ends

    /** Its host has crashed: it is gone, and no other end hears of it. */
    final void die() {
        open = false;
        dead = true;
    }

    final boolean isDead() {
        return dead;
    }

    final void inputEnded() {
        inputEnded = true;
    }

    final void failed() {
        failed = true;
    }

    final void checkOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public final boolean isOpen() {
        return open;
    }

    @Override
    public final void close() throws IOException {
        world.point();
        synchronized (world) {
            closeNow();
        }
    }

    final void closeNow() {
        if (!open) {
            return;
        }
        open = false;
        host.sources.remove(this);
        if (hasDescriptor) {
            host.descriptors--;
        }
        world.trace(label(), "close");
        closed();
        changed();
    }

    @Override
    public int condition() {
        if (!open) {
            return Readiness.CLOSED;
        }
        return (inputEnded ? Readiness.READ_CLOSED : 0) | (failed ? Readiness.ERROR : 0);
    }

    // ---- options: these serve the three interfaces that have them

    final <T> void setOptionNow(SocketOption<T> option, T value) throws IOException {
        synchronized (world) {
            checkOpen();
            options.set(option, value);
        }
    }

    public final <T> T getOption(SocketOption<T> option) throws IOException {
        synchronized (world) {
            checkOpen();
            return options.get(option);
        }
    }

    public final Set<SocketOption<?>> supportedOptions() {
        return options.supported();
    }
}
