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
    private int hangUpsReported;
    private boolean closeReported;
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
            hangUpsReported = 0; // additional interest makes hang-ups be reported once more
        }
        interestBits = bits;
    }

    /** Readiness bits for the next poll to report: a hang-up once, everything else as long as it lasts. */
    int unreported() {
        if (!source.isOpen()) {
            return closeReported ? 0 : Readiness.CLOSED;
        }
        int ready = source.ready();
        return ready & (interestBits | (HANG_UPS & ~hangUpsReported));
    }

    void markReported(int bits) {
        hangUpsReported |= bits & HANG_UPS;
        closeReported |= (bits & Readiness.CLOSED) != 0;
    }
}
