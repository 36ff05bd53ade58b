package io.millio.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections a server has, in all and from each address. Each place is taken once and given back once. Any
 * thread.
 */
final class Places {
    private final int max;
    private final int maxPerAddress;

    private final AtomicInteger taken = new AtomicInteger();

    // Each count is at least 1, and changes in the map's own steps; empty without a limit per address.
    private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

    Places(int max, int maxPerAddress) {
        this.max = max;
        this.maxPerAddress = maxPerAddress;
    }

    boolean tryTake() {
        int now = taken.get();
        while (now < max) {
            if (taken.compareAndSet(now, now + 1)) {
                return true;
            }
            now = taken.get();
        }
        return false;
    }

    /** Gives a place back that was not used; returns how many are taken still. */
    int giveBack() {
        return taken.decrementAndGet();
    }

    int taken() {
        return taken.get();
    }

    boolean isFull() {
        return taken.get() >= max;
    }

    /** Takes a place of an address, for one that has a place already. */
    boolean tryTake(SocketAddress remote) {
        InetAddress address = limited(remote);
        if (address == null) {
            return true;
        }
        int[] before = new int[1];
        byAddress.compute(address, (unused, count) -> {
            before[0] = count == null ? 0 : count;
            return before[0] < maxPerAddress ? before[0] + 1 : before[0];
        });
        return before[0] < maxPerAddress;
    }

    void giveBack(SocketAddress remote) {
        InetAddress address = limited(remote);
        if (address != null) {
            byAddress.computeIfPresent(address, (unused, count) -> count == 1 ? null : count - 1);
        }
    }

    private @Nullable InetAddress limited(SocketAddress remote) {
        return maxPerAddress != Integer.MAX_VALUE && remote instanceof InetSocketAddress inet
                ? inet.getAddress()
                : null;
    }

    int addresses() {
        return byAddress.size();
    }
}
