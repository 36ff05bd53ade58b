package io.millio.net;

import io.millio.limit.KeyedRateLimiter;
import io.millio.limit.RateLimit;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** How fast a server accepts, in all and from each address, and how often it did not. Any thread. */
final class AcceptLimits {
    private final @Nullable RateLimit total;
    private final @Nullable KeyedRateLimiter<InetAddress> perAddress;
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    AcceptLimits(@Nullable RateLimit total, @Nullable KeyedRateLimiter<InetAddress> perAddress) {
        this.total = total;
        this.perAddress = perAddress;
    }

    /** Takes a permit to accept; returns 0, or how many nanoseconds to wait. */
    long take() {
        if (total == null || total.tryAcquire()) {
            return 0;
        }
        held.incrementAndGet();
        return Math.max(1, total.nanosUntilAvailable(1));
    }

    /** Gives a permit back, as there was no connection to accept. */
    void giveBack() {
        if (total != null) {
            total.giveBack(1);
        }
    }

    /** Whether one from this address may be accepted; a Unix-domain one always may. */
    boolean admits(SocketAddress remote) {
        if (perAddress == null
                || !(remote instanceof InetSocketAddress inet)
                || perAddress.tryAcquire(inet.getAddress(), 1)) {
            return true;
        }
        refused.incrementAndGet();
        return false;
    }

    long held() {
        return held.get();
    }

    long refused() {
        return refused.get();
    }
}
