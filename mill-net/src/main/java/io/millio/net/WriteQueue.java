package io.millio.net;

import io.millio.internal.Interleave;
import io.millio.net.jfr.ConnectionRecording;
import io.millio.net.wire.Chunk;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has to write, and how many bytes that is; an idle connection has none. Writers put into the inbox,
 * under the lock; the loop moves that behind its own list, in one step. Closed once, by the loop: what comes later is
 * refused, so that every write ends.
 */
final class WriteQueue {
    private static final int MAX_CHUNK_BYTES = 64 * 1024;

    /** A linked list of writes. */
    static final class Writes {
        @Nullable
        PendingWrite head;

        @Nullable
        PendingWrite tail;

        void add(PendingWrite write) {
            PendingWrite last = tail;
            if (last == null) {
                head = write;
            } else {
                last.next = write;
            }
            tail = write;
        }

        void addFirst(PendingWrite write) {
            write.next = head;
            head = write;
            if (tail == null) {
                tail = write;
            }
        }

        /** Adds an empty chunk for so many bytes, in front or at the end: it is released with the list. */
        Chunk addChunk(int bytes, ConnectionState of, boolean inFront) {
            Chunk chunk = Chunk.ofSize(bytes, of.options().buffers(), of);
            boolean added = false;
            try {
                PendingWrite write = new PendingWrite.Copied(chunk);
                if (inFront) {
                    addFirst(write);
                } else {
                    add(write);
                }
                added = true;
                return chunk;
            } finally {
                if (!added) {
                    chunk.release();
                }
            }
        }

        /** Takes all of another list, which is empty then. */
        void addAll(Writes others) {
            if (others.head != null) {
                add(others.head);
                tail = others.tail;
                others.head = null;
                others.tail = null;
            }
        }

        @Nullable
        PendingWrite poll() {
            PendingWrite first = head;
            if (first != null) {
                head = first.next;
                first.next = null;
                if (head == null) {
                    tail = null;
                }
            }
            return first;
        }
    }

    private final ConnectionState connection;
    private final ConnectionOptions options;

    /** What is to be written, the next first. Loop thread only. */
    final Writes pending = new Writes();

    /** What was written, and must be reported. Loop thread only. */
    final Writes written = new Writes();

    // Guarded by this.
    private final Writes inbox = new Writes();
    private boolean closed;
    private int files;

    // Written under the lock; volatile, so that it can be read without.
    private volatile long queuedBytes;

    private volatile boolean inboxFilled;

    /** A write has returned PAUSE; guarded by this, too. */
    private volatile boolean full;

    /** A recording has an event for that; guarded by this. */
    private boolean pauseRecorded;

    WriteQueue(ConnectionState connection) {
        this.connection = connection;
        this.options = connection.options();
    }

    // ---- any thread

    long queuedBytes() {
        return queuedBytes;
    }

    /** Whether a write returns PAUSE: with much queued, or where the connection has too much while memory is scarce. */
    private boolean isFull() {
        return queuedBytes > options.highWatermark() || connection.group.memory.isPressed(connection);
    }

    /**
     * Copies bytes into the inbox.
     *
     * @return CLOSED if the queue is closed, which takes nothing
     */
    synchronized WriteResult offer(ByteBuffer bytes) {
        if (closed) {
            return WriteResult.CLOSED;
        }
        checkRoom(bytes.remaining());
        int before = bytes.remaining();
        boolean isFull;
        try {
            append(bytes);
        } finally {
            inboxFilled = true;
            count(before - bytes.remaining());
            isFull = isFull();
            full |= isFull; // together with the result: onWritable follows each PAUSE
        }
        return isFull ? WriteResult.PAUSE : WriteResult.CONTINUE;
    }

    /** Puts a write of so many bytes into the inbox. */
    synchronized WriteResult offer(PendingWrite write, int bytes) {
        if (closed) {
            return WriteResult.CLOSED;
        }
        checkRoom(bytes);
        if (write instanceof PendingFile) {
            if (files == options.maxQueuedFiles()) {
                throw new WriteRefusedException("files: " + files + " are queued, must be fewer than maxQueuedFiles: "
                        + options.maxQueuedFiles() + " for one more");
            }
            files++;
        }
        inbox.add(write);
        inboxFilled = true;
        count(bytes);
        boolean isFull = isFull();
        full |= isFull; // together with the result: onWritable follows each PAUSE
        return isFull ? WriteResult.PAUSE : WriteResult.CONTINUE;
    }

    /** Into the last chunk, if it has room, and into new ones, each larger than the one before. */
    private void append(ByteBuffer bytes) {
        int before = 0;
        if (inbox.tail instanceof PendingWrite.Copied last) {
            last.chunk.append(bytes);
            before = last.chunk.buffer.capacity();
        }
        while (bytes.hasRemaining()) {
            int wanted = Math.max(bytes.remaining(), before * 2);
            Chunk chunk = inbox.addChunk(Math.min(wanted, MAX_CHUNK_BYTES), connection, false);
            chunk.append(bytes);
            before = chunk.buffer.capacity();
        }
    }

    void checkRoom(int bytes) {
        if (queuedBytes + bytes > options.maxQueuedBytes()) {
            throw new WriteRefusedException("bytes: " + bytes + ", with " + queuedBytes
                    + " queued would be more than maxQueuedBytes: " + options.maxQueuedBytes());
        }
    }

    /** Adds bytes to the queued ones, or takes some off. */
    synchronized void count(long bytes) {
        queuedBytes = queuedBytes + bytes;
    }

    /** Records a write that has returned PAUSE, if it is the first one since writers could go on. */
    void recordPause(Object connection, int gatheredBytes) {
        if (ConnectionRecording.wantsPauses() && isFirstPause()) {
            ConnectionRecording.writePaused(connection, queuedBytes + gatheredBytes);
        }
    }

    private synchronized boolean isFirstPause() {
        boolean first = full && !pauseRecorded;
        pauseRecorded |= full;
        return first;
    }

    // ---- loop thread

    /** A write returns PAUSE though nothing is queued yet. */
    synchronized void markFull() {
        full = true;
    }

    /** Whether writers may go on after a write has returned PAUSE: once. */
    boolean takeWritable(long gatheredBytes) {
        if (!full) {
            return false;
        }
        synchronized (this) {
            full = queuedBytes + gatheredBytes > options.lowWatermark();
            pauseRecorded &= full;
            return !full;
        }
    }

    /** Whether nothing is queued; moves what is in the inbox behind the rest. */
    boolean isEmpty() {
        Interleave.point();
        if (inboxFilled) {
            synchronized (this) {
                pending.addAll(inbox);
                inboxFilled = false;
            }
        }
        return pending.head == null;
    }

    /** Takes out the writes that are done; returns whether there was one. */
    boolean takeWritten() {
        boolean any = false;
        for (PendingWrite head; (head = pending.head) != null && head.isWritten(); any = true) {
            pending.poll();
            if (head instanceof PendingFile) {
                fileTaken();
            }
            boolean reported = true; // also if it can't be released
            try {
                reported = head.release();
            } finally {
                if (reported) {
                    written.add(head);
                }
            }
        }
        return any;
    }

    private synchronized void fileTaken() {
        files--;
    }

    /** Refuses everything from now on; what was taken is in {@link #pending}. Loop thread, or when that is closed. */
    synchronized void close() {
        closed = true;
        pending.addAll(inbox);
        inboxFilled = false;
        queuedBytes = 0;
    }
}
