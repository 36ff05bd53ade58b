package io.millio.net.account;

import io.millio.internal.Arguments;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Holds memory: buffers that wait, and what a program has charged besides. Counts for itself, and in the account of its
 * loop. Any thread.
 */
public abstract class MemoryHolder implements MemoryAccount {
    /** How much a program may charge at once. */
    private static final long MAX_CHARGE = 1L << 50;

    /** Nothing is charged any more: it has left. */
    private static final long OVER = -1;

    private static final VarHandle HELD_BYTES;
    private static final VarHandle CHARGED_BYTES;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HELD_BYTES = lookup.findVarHandle(MemoryHolder.class, "heldBytes", long.class);
            CHARGED_BYTES = lookup.findVarHandle(MemoryHolder.class, "chargedBytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Atomic addition, by any thread.
    @SuppressWarnings("unused") // by its handle
    private long heldBytes;

    // Of those, what the program has charged: compare-and-set, by any thread.
    @SuppressWarnings("unused")
    private long chargedBytes;

    /** Returns the account of its loop. */
    public abstract LoopAccount account();

    /**
     * Called when more is held while the total is full. May be called with locks held.
     *
     * @param bytes how much is held
     */
    protected abstract void heldWhileFull(long bytes);

    /** Called when more or less is charged, without a lock. */
    protected abstract void chargeChanged();

    /** How much is held. */
    public final long heldBytes() {
        return (long) HELD_BYTES.getVolatile(this);
    }

    @Override
    public final void hold(int bytes) {
        add(bytes);
    }

    @Override
    public final void free(int bytes) {
        add(-(long) bytes);
    }

    private void add(long bytes) {
        LoopAccount account = account();
        long held = (long) HELD_BYTES.getAndAdd(this, bytes) + bytes;
        boolean counted = false;
        boolean done = false;
        try {
            account.add(bytes);
            counted = true;
            if (bytes > 0 && account.total.isFull()) {
                heldWhileFull(held);
            }
            done = true;
        } finally {
            if (!done) {
                long unused = (long) HELD_BYTES.getAndAdd(this, -bytes);
                if (counted) {
                    account.add(-bytes);
                }
            }
        }
    }

    /** Charges what a program keeps; does nothing once it has left. */
    public final void charge(long bytes) {
        Arguments.between(0, bytes, MAX_CHARGE, "bytes");
        add(bytes);
        boolean charged = false;
        for (long known; !charged && (known = (long) CHARGED_BYTES.getVolatile(this)) != OVER; ) {
            charged = CHARGED_BYTES.compareAndSet(this, known, known + bytes);
        }
        if (!charged) {
            add(-bytes);
        }
        chargeChanged();
    }

    /** Releases a part of what was charged; does nothing once it has left. */
    public final void release(long bytes) {
        Arguments.atLeast(0, bytes, "bytes");
        for (long known; (known = (long) CHARGED_BYTES.getVolatile(this)) != OVER; ) {
            if (bytes > known) {
                throw new IllegalArgumentException("bytes: " + bytes + ", but only " + known + " are charged");
            }
            if (CHARGED_BYTES.compareAndSet(this, known, known - bytes)) {
                boolean done = false;
                try {
                    add(-bytes);
                    done = true;
                } finally {
                    if (!done) {
                        chargeAgain(bytes);
                    }
                }
                chargeChanged();
                return;
            }
        }
    }

    /**
     * What could not be released is charged still; if this has left meanwhile, the next that is counted passes it on.
     */
    private void chargeAgain(long bytes) {
        for (long known; (known = (long) CHARGED_BYTES.getVolatile(this)) != OVER; ) {
            if (CHARGED_BYTES.compareAndSet(this, known, known + bytes)) {
                return;
            }
        }
        long unused = (long) HELD_BYTES.getAndAdd(this, -bytes);
        account().unreported.getAndAdd(-bytes);
    }

    /** Leaves its account for good, once: releases all that is charged, and a flat part; buffers may follow. */
    public final void leaveAccount(int flatBytes) {
        long rest = (long) CHARGED_BYTES.getAndSet(this, OVER);
        try {
            add(-flatBytes - Math.max(0, rest));
        } finally {
            account().leave();
        }
    }
}
