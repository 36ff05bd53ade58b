package io.millio.net.pool;

import org.jspecify.annotations.Nullable;

/**
 * A queue whose elements own the links, so that no operation needs memory: one that runs out of it loses nothing. O(1).
 * Loop thread only.
 */
final class LinkedQueue<T> {
    /** The place of one element; it is in one queue at most. */
    static final class Link<T> {
        private @Nullable T element; // null: it is not queued
        private @Nullable Link<T> previous;
        private @Nullable Link<T> next;
    }

    private @Nullable Link<T> first;
    private @Nullable Link<T> last;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @Nullable
    T peekFirst() {
        return first == null ? null : first.element;
    }

    @Nullable
    T peekLast() {
        return last == null ? null : last.element;
    }

    void add(T element, Link<T> added) {
        if (added.element != null) {
            throw new IllegalStateException("queued already: " + element);
        }
        added.element = element;
        added.previous = last;
        if (last == null) {
            first = added;
        } else {
            last.next = added;
        }
        last = added;
        size++;
    }

    /** Removes an element; nothing happens if it is not queued. */
    void remove(Link<T> removed) {
        if (removed.element == null) {
            return;
        }
        Link<T> before = removed.previous;
        Link<T> after = removed.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        removed.previous = null;
        removed.next = null;
        removed.element = null;
        size--;
    }

    /** Removes and returns the first element; null if there is none. */
    @Nullable
    T poll() {
        Link<T> polled = first;
        if (polled == null) {
            return null;
        }
        T element = polled.element;
        remove(polled);
        return element;
    }
}
