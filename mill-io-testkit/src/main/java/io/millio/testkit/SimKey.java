package io.millio.testkit;

import io.millio.transport.Poller;
import io.millio.transport.Readiness;

/** A source in a poller. Guarded by the world. */
final class SimKey implements Poller.Key {
    static final int HANG_UPS = Readiness.READ_CLOSED | Readiness.WRITE_CLOSED | Readiness.ERROR;

    final SimPoller poller;
    final SimSource source;
    final Object attachment;
    private int interestBits;
    private int hangUpsTold;
    private boolean closeTold;
    // Volatile: written under the guard; read without it before an event is reported.
    private volatile boolean removed;

    SimKey(SimPoller poller, SimSource source, Object attachment, int interestBits) {
        this.poller = poller;
        this.source = source;
        this.attachment = attachment;
        this.interestBits = interestBits;
    }

    boolean isRemoved() {
        return removed;
    }

    /** Marks it removed; returns whether it was not before. */
    boolean remove() {
        boolean first = !removed;
        removed = true;
        return first;
    }

    void setInterest(int bits) {
        if ((bits & ~interestBits) != 0) {
            hangUpsTold = 0; // who asks for more is told once more
        }
        interestBits = bits;
    }

    /** What the next poll has to tell of it: a hang-up once, everything else as long as it lasts. */
    int untold() {
        if (!source.isOpen()) {
            return closeTold ? 0 : Readiness.CLOSED;
        }
        int ready = source.ready();
        return ready & (interestBits | (HANG_UPS & ~hangUpsTold));
    }

    void told(int bits) {
        hangUpsTold |= bits & HANG_UPS;
        closeTold |= (bits & Readiness.CLOSED) != 0;
    }
}
