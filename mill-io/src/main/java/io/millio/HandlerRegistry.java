package io.millio;

import io.millio.transport.Token;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The live registrations of a loop: by token for its users, and by slot for its poller. A poller's id is the slot and,
 * above it, how many times the slot has been used, so that an event that comes late finds nobody rather than the slot's
 * next owner.
 *
 * <pre>
 *   63            32 31             0
 *   generation       slot
 * </pre>
 *
 * <p>All operations are O(1); looking up takes no lock. Claiming and releasing do, a short one: they come with system
 * calls.
 */
final class HandlerRegistry {
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(SourceRegistration[].class);

    private final ConcurrentHashMap<Token, SourceRegistration> byToken = new ConcurrentHashMap<>();

    // Replaced, when it grows, under the lock; its elements are stored with release and loaded with acquire, so that
    // whoever finds a registration finds it whole.
    private volatile @Nullable SourceRegistration[] slots = new SourceRegistration[64];

    // Guarded by this, as everything below: one step of the generation is 1L << 32, the slot is in the low half.
    private long[] nextIds = new long[64];
    private int[] freeSlots = new int[64];
    private int freeCount;
    private int usedSlots;
    private @Nullable String refusal;

    /**
     * Gives the registration its id and makes it findable.
     *
     * @throws IllegalStateException if its token is live
     * @throws RejectedExecutionException after {@link #refuse}
     */
    synchronized void claim(SourceRegistration registration) {
        if (refusal != null) {
            throw new RejectedExecutionException(refusal);
        }
        SourceRegistration live = byToken.putIfAbsent(registration.token(), registration);
        if (live != null) {
            throw new IllegalStateException(
                    "token: " + registration.token() + " is registered already, for " + live.source());
        }
        int slot = freeCount > 0 ? freeSlots[--freeCount] : newSlot();
        registration.id = nextIds[slot];
        nextIds[slot] += 1L << 32;
        SLOTS.setRelease(slots, slot, registration);
    }

    private int newSlot() {
        if (usedSlots == slots.length) {
            nextIds = Arrays.copyOf(nextIds, usedSlots * 2);
            freeSlots = Arrays.copyOf(freeSlots, usedSlots * 2);
            slots = Arrays.copyOf(slots, usedSlots * 2);
        }
        nextIds[usedSlots] = usedSlots;
        return usedSlots++;
    }

    /** Makes the registration's token and slot free; called once for each claim. */
    synchronized void release(SourceRegistration registration) {
        byToken.remove(registration.token());
        int slot = (int) registration.id;
        SLOTS.setRelease(slots, slot, null);
        freeSlots[freeCount++] = slot;
    }

    /** The registration that a poller's id means; null if it is over. */
    @Nullable
    SourceRegistration at(long id) {
        SourceRegistration registration = (SourceRegistration) SLOTS.getAcquire(slots, (int) id);
        return registration != null && registration.id == id ? registration : null;
    }

    /** The live registration of this token, if any. */
    @Nullable
    SourceRegistration find(Token token) {
        return byToken.get(token);
    }

    int size() {
        return byToken.size();
    }

    /** Lets nobody in any more; what is here stays. */
    synchronized void refuse(String why) {
        refusal = why;
    }

    synchronized List<SourceRegistration> all() {
        List<SourceRegistration> live = new ArrayList<>(byToken.size());
        for (SourceRegistration registration : slots) {
            if (registration != null) {
                live.add(registration);
            }
        }
        return live;
    }
}
