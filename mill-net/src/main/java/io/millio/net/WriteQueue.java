package io.millio.net;

import io.millio.net.wire.Chunk;
import io.millio.pool.BufferPool;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has to write. Other threads put into the inbox, under the lock; the loop moves that behind its own,
 * in one step. Closed once, by the loop: what comes later is refused, so that every piece ends.
 */
final class WriteQueue {
    private static final int MAX_CHUNK_BYTES = 64 * 1024;

    /** A list of pieces. */
    static final class Pieces {
        @Nullable
        Piece head;

        @Nullable
        Piece tail;

        void add(Piece piece) {
            Piece last = tail;
            if (last == null) {
                head = piece;
            } else {
                last.next = piece;
            }
            tail = piece;
        }

        void addFirst(Piece piece) {
            piece.next = head;
            head = piece;
            if (tail == null) {
                tail = piece;
            }
        }

        /** Takes all of another list, which is empty then. */
        void addAll(Pieces others) {
            Piece first = others.head;
            if (first == null) {
                return;
            }
            Piece last = tail;
            if (last == null) {
                head = first;
            } else {
                last.next = first;
            }
            tail = others.tail;
            others.head = null;
            others.tail = null;
        }

        @Nullable
        Piece poll() {
            Piece first = head;
            if (first != null) {
                head = first.next;
                first.next = null;
                if (head == null) {
                    tail = null;
                }
            }
            return first;
        }

        /**
         * Copies bytes to the end: into the last chunk, if it has room, and into new ones, each larger than the one
         * before.
         */
        void append(ByteBuffer bytes, BufferPool pool) {
            int before = 0;
            if (tail instanceof Piece.Copied last) {
                last.chunk.append(bytes);
                before = last.chunk.buffer.capacity();
            }
            while (bytes.hasRemaining()) {
                int wanted = Math.max(bytes.remaining(), before * 2);
                Chunk chunk = Chunk.ofSize(Math.min(wanted, MAX_CHUNK_BYTES), pool);
                chunk.append(bytes);
                before = chunk.buffer.capacity();
                add(new Piece.Copied(chunk));
            }
        }
    }

    /** What is to be written, the next first. Loop only. */
    final Pieces pieces = new Pieces();

    /** What was written, and must be told. Loop only. */
    final Pieces written = new Pieces();

    // Guarded by this.
    private final Pieces inbox = new Pieces();
    private boolean closed;

    // Written under the lock; volatile, so that the loop need not take that to see that there is nothing.
    private volatile boolean inboxFilled;

    /** Copies bytes into the inbox; false if the queue is closed. Any thread. */
    synchronized boolean offer(ByteBuffer bytes, BufferPool pool) {
        if (!closed) {
            inbox.append(bytes, pool);
            inboxFilled = true;
        }
        return !closed;
    }

    /** Puts a piece into the inbox; false if the queue is closed. Any thread. */
    synchronized boolean offer(Piece piece) {
        if (!closed) {
            inbox.add(piece);
            inboxFilled = true;
        }
        return !closed;
    }

    /** Moves what is in the inbox behind the rest. Loop only. */
    void takeInbox() {
        if (inboxFilled) {
            synchronized (this) {
                pieces.addAll(inbox);
                inboxFilled = false;
            }
        }
    }

    boolean isEmpty() {
        return pieces.head == null;
    }

    /** Refuses everything from now on; what was taken is in {@link #pieces}. Loop only, or when that is closed. */
    void close() {
        synchronized (this) {
            closed = true;
            pieces.addAll(inbox);
            inboxFilled = false;
        }
    }
}
