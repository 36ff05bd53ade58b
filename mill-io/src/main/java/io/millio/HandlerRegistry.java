package io.millio;

import io.millio.transport.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The live registrations of a loop, by token. All operations are O(1), but for {@link #all}; looking up takes no lock.
 * Claiming and releasing take a short one: they come with system calls.
 */
final class HandlerRegistry {
    private final ConcurrentHashMap<Token, SourceRegistration> byToken = new ConcurrentHashMap<>();

    // Guarded by this, with the links of the registrations: a list, so that to end all of them needs no memory.
    private @Nullable SourceRegistration first;
    private @Nullable String refusal;

    /**
     * Makes the registration findable. If it throws, nothing has changed.
     *
     * @throws IllegalStateException if its token is live
     * @throws RejectedExecutionException after {@link #refuse}
     */
    synchronized void claim(SourceRegistration registration) {
        if (refusal != null) {
            throw new RejectedExecutionException(refusal);
        }
        SourceRegistration live;
        try {
            live = byToken.putIfAbsent(registration.token(), registration);
        } catch (Throwable t) {
            byToken.remove(registration.token(), registration); // the map may fail to grow after it has inserted
            throw t;
        }
        if (live != null) {
            throw new IllegalStateException(
                    "token: " + registration.token() + " is registered already, for " + live.source());
        }
        registration.next = first;
        if (first != null) {
            first.previous = registration;
        }
        first = registration;
    }

    /** Removes the registration; a second call has no effect. */
    synchronized void release(RegistrationLife registration) {
        if (registration.previous == null && registration != first) {
            return;
        }
        byToken.remove(registration.token(), registration); // first: the links, which follow, cannot fail
        SourceRegistration previous = registration.previous;
        SourceRegistration next = registration.next;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        registration.previous = null;
        registration.next = null;
    }

    /** Returns the live registration of this token, if any; not one that is still being made. */
    @Nullable
    SourceRegistration find(Token token) {
        SourceRegistration found = byToken.get(token);
        return found == null || found.has(RunState.OPENING) ? null : found;
    }

    int size() {
        return byToken.size();
    }

    /** Refuses new registrations; those present stay. */
    synchronized void refuse(String why) {
        refusal = why;
    }

    /** Returns some registration, null when there is none. */
    synchronized @Nullable SourceRegistration any() {
        return first;
    }

    /** Returns all registrations. O(n). */
    synchronized List<SourceRegistration> all() {
        List<SourceRegistration> all = new ArrayList<>(byToken.size());
        for (SourceRegistration each = first; each != null; each = each.next) {
            all.add(each);
        }
        return all;
    }
}
