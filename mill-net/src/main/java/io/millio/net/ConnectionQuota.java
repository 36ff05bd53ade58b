package io.millio.net;

import io.millio.internal.Descriptors;
import io.millio.limit.KeyedRateLimiter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How many connections a server has, in all and from each address, and the acceptors that wait until there may be one
 * more. Each connection takes its place once and gives it back once. Any thread.
 *
 * <p>Each counts in the quota of the process, too, which bounds the servers that have no limit of their own: so an
 * acceptor waits for one of the two only. No lock is taken while the other one is held.
 */
final class ConnectionQuota {
    /** The most connections of a process whose limit of descriptors is not known. */
    static final int FALLBACK_CONNECTIONS = 10_000;

    private static final int RESERVED_DESCRIPTORS = 64;

    private final @Nullable ConnectionQuota process;
    private final int max;
    private final int maxPerAddress;
    private final int ipv6Bits;
    private final @Nullable KeyedRateLimiter<InetAddress> rate;
    private final AtomicLong refused = new AtomicLong();

    // Guarded by this. Each count of an address is at least 1; empty without a limit per address.
    private int taken;
    private final Map<InetAddress, Integer> byAddress = new HashMap<>();
    private @Nullable Acceptor waiting; // linked, so that giving back needs no memory
    private int waiters;
    private @Nullable Runnable whenEmpty;

    /**
     * Creates the quota of a server.
     *
     * @param process the quota of the process; null for that one itself
     * @param max {@link Integer#MAX_VALUE}: the server has no limit of its own
     * @param ipv6Bits how many bits of an IPv6 address count: a client has all addresses of a network to itself
     * @param rate how fast connections may come from one address; null: no limit
     */
    ConnectionQuota(
            @Nullable ConnectionQuota process,
            int max,
            int maxPerAddress,
            int ipv6Bits,
            @Nullable KeyedRateLimiter<InetAddress> rate) {
        this.process = process;
        this.max = max;
        this.maxPerAddress = maxPerAddress;
        this.ipv6Bits = ipv6Bits;
        this.rate = rate;
    }

    /** Returns the quota of the process. */
    static ConnectionQuota process() {
        return OfProcess.QUOTA;
    }

    /**
     * Returns how many connections a process may have with so many free descriptors: the others are for files and
     * clients.
     */
    static int maxConnections(OptionalLong descriptors) {
        long free = descriptors.orElse(-1);
        if (free < 0) {
            return FALLBACK_CONNECTIONS;
        }
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE - 1, free - Math.max(RESERVED_DESCRIPTORS, free / 8)));
    }

    /** Made when the first server starts. */
    private static final class OfProcess {
        static final ConnectionQuota QUOTA =
                new ConnectionQuota(null, maxConnections(Descriptors.free()), Integer.MAX_VALUE, 128, null);
    }

    /** Whether the rate of an address lets one more in; a Unix-domain one has no limit. */
    boolean admits(SocketAddress remote) {
        if (rate == null
                || !(remote instanceof InetSocketAddress inet)
                || rate.tryAcquire(prefix(inet.getAddress(), ipv6Bits), 1)) {
            return true;
        }
        refused.incrementAndGet();
        return false;
    }

    /** How many the rate of their address has not let in. */
    long refused() {
        return refused.get();
    }

    /** Takes a place; false: there is none. */
    boolean tryTake() {
        return take(null);
    }

    /**
     * Takes a place, or else has the acceptor resumed when there is one. The acceptor stops listening before it calls
     * this: so it is resumed after that, never before.
     */
    boolean takeOrWait(Acceptor acceptor) {
        return take(acceptor);
    }

    private boolean take(@Nullable Acceptor acceptor) {
        ConnectionQuota bound = bound();
        if (!bound.takeOwn(acceptor)) {
            return false;
        }
        ConnectionQuota other = bound == this ? process : this;
        if (other != null) {
            other.count();
        }
        return true;
    }

    /** The quota whose limit holds. */
    private ConnectionQuota bound() {
        return process == null || max != Integer.MAX_VALUE ? this : process;
    }

    private synchronized void count() {
        taken++;
    }

    private synchronized boolean takeOwn(@Nullable Acceptor acceptor) {
        if (taken < max) {
            taken++;
            return true;
        }
        if (acceptor != null && !acceptor.waits) {
            acceptor.waits = true;
            acceptor.nextWaiting = waiting;
            waiting = acceptor;
            waiters++;
        }
        return false;
    }

    /** An acceptor has closed, and waits no more. */
    void forget(Acceptor acceptor) {
        bound().removeWaiting(acceptor);
    }

    private synchronized void removeWaiting(Acceptor acceptor) {
        if (!acceptor.waits) {
            return;
        }
        Acceptor before = waiting;
        if (before == acceptor) {
            waiting = acceptor.nextWaiting;
        } else {
            while (before != null && before.nextWaiting != acceptor) {
                before = before.nextWaiting;
            }
            if (before != null) {
                before.nextWaiting = acceptor.nextWaiting;
            }
        }
        acceptor.nextWaiting = null;
        acceptor.waits = false;
        waiters--;
    }

    private synchronized @Nullable Acceptor pollWaiting() {
        Acceptor polled = waiting;
        if (polled != null) {
            waiting = polled.nextWaiting;
            polled.nextWaiting = null;
            polled.waits = false;
            waiters--;
        }
        return polled;
    }

    /** Counts an address, for a connection that has a place already; false: it has as many as it may have. */
    synchronized boolean tryTake(SocketAddress remote) {
        InetAddress address = limited(remote);
        if (address == null) {
            return true;
        }
        int before = byAddress.getOrDefault(address, 0);
        if (before >= maxPerAddress) {
            return false;
        }
        byAddress.put(address, before + 1);
        return true;
    }

    /**
     * Gives back a place.
     *
     * @param remote the address that was counted with it; null: none
     */
    void giveBack(@Nullable SocketAddress remote) {
        try {
            giveBackOwn(remote);
        } finally {
            if (process != null) {
                process.giveBackOwn(null);
            }
        }
    }

    private void giveBackOwn(@Nullable SocketAddress remote) {
        int resumed;
        Runnable emptied;
        synchronized (this) {
            taken--;
            InetAddress address = remote == null ? null : limited(remote);
            if (address != null) {
                byAddress.computeIfPresent(address, (unused, count) -> count == 1 ? null : count - 1);
            }
            resumed = waiters;
            emptied = taken == 0 ? whenEmpty : null;
        }
        // All: which of them have connections to accept is not known here. Not those that come to wait meanwhile.
        for (Acceptor each; resumed > 0 && (each = pollWaiting()) != null; resumed--) {
            each.resume();
        }
        if (emptied != null) {
            emptied.run();
        }
    }

    /** Runs an action, at once or whenever the last place is given back from now on. */
    void whenEmpty(Runnable action) {
        synchronized (this) {
            whenEmpty = action;
            if (taken > 0) {
                return;
            }
        }
        action.run();
    }

    private @Nullable InetAddress limited(SocketAddress remote) {
        return maxPerAddress != Integer.MAX_VALUE && remote instanceof InetSocketAddress inet
                ? prefix(inet.getAddress(), ipv6Bits)
                : null;
    }

    int max() {
        return max;
    }

    synchronized int taken() {
        return taken;
    }

    synchronized int addresses() {
        return byAddress.size();
    }

    /** Returns the first bits of an IPv6 address, the others zero; of IPv4 the whole address. */
    private static InetAddress prefix(InetAddress address, int ipv6Bits) {
        byte[] bytes = address.getAddress();
        if (bytes.length != 16 || ipv6Bits >= 128) {
            return address;
        }
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.max(0, Math.min(8, ipv6Bits - 8 * i));
            bytes[i] &= (byte) (0xff00 >> kept);
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // of 16 bytes
        }
    }
}
