package io.millio.net;

import io.millio.internal.Exceptions;
import io.millio.net.FileSource.FileSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes for the connections of one loop. Little that the callback under way writes is gathered in the loop's buffer
 * and leaves with the settling; much is written at once. What the system does not take, and what other threads write,
 * waits in a queue of the connection. Loop thread only.
 *
 * <pre>
 *   write --- in a callback of this connection, nothing queued ---&gt; gather --+
 *     |                                                                       +-- one call --&gt; socket
 *     +------ elsewhere, or something is queued -----------------&gt; queue ---+
 * </pre>
 */
final class ConnectionWriter {
    private static final int GATHER_BYTES = 64 * 1024;
    private static final int GATHER_BUFFERS = 64;
    private static final int LARGE_BYTES = 16 * 1024;
    private static final int MAX_CALL_BYTES = 1 << 20;

    /** So that a fast peer does not starve the others. */
    private static final int CALLS_PER_SETTLING = 8;

    private static final int STOPPED = ConnectionState.BLOCKED | ConnectionState.ENDING | ConnectionState.WRITE_HELD;

    private final NetLoop net;

    /** What the callback under way has written, if it is little: of the connection that is current. */
    private final ByteBuffer gather = ByteBuffer.allocateDirect(GATHER_BYTES);

    /** For gathering writes; in between it holds nothing but {@link #gather}. */
    private final ByteBuffer[] vector = new ByteBuffer[GATHER_BUFFERS];

    ConnectionWriter(NetLoop net) {
        this.net = net;
        Arrays.fill(vector, gather);
    }

    /** A turn of a connection is over: nothing of it stays here. */
    void clear() {
        gather.clear();
    }

    private int gatheredBytes(StreamConnection connection) {
        return connection.is(ConnectionState.CURRENT) ? gather.position() : 0;
    }

    private static boolean isQueueEmpty(StreamConnection connection) {
        WriteQueue known = connection.queue;
        return known == null || known.isEmpty();
    }

    /** Whether there is nothing left to write. */
    boolean isAllWritten(StreamConnection connection) {
        return gatheredBytes(connection) == 0 && isQueueEmpty(connection) && !connection.wire.holdsOutput();
    }

    /** Takes bytes. */
    WriteResult write(StreamConnection connection, ByteBuffer bytes) {
        int count = bytes.remaining();
        if (isQueueEmpty(connection) && !connection.is(STOPPED)) {
            if (count >= LARGE_BYTES && connection.writing == null) {
                return writeNow(connection, bytes);
            }
            if (count < LARGE_BYTES && connection.is(ConnectionState.CURRENT)) {
                return gather(connection, bytes);
            }
        }
        return enqueue(connection, bytes);
    }

    private static WriteResult enqueue(StreamConnection connection, ByteBuffer bytes) {
        return connection.settleAfter(connection.queue().offer(bytes));
    }

    private WriteResult gather(StreamConnection connection, ByteBuffer bytes) {
        if (gather.remaining() < bytes.remaining()) {
            flush(connection);
            if (connection.is(STOPPED)) {
                return enqueue(connection, bytes);
            }
        }
        gather.put(bytes);
        if (gather.position() <= connection.options().highWatermark()) {
            return WriteResult.CONTINUE;
        }
        connection.queue().markFull();
        connection.queue().recordPause(connection, gather.position());
        return WriteResult.PAUSE;
    }

    /** Much, and nothing is queued: the system takes it from the caller's buffer, and only the rest is copied. */
    private WriteResult writeNow(StreamConnection connection, ByteBuffer bytes) {
        if (bytes.remaining() > connection.options().maxQueuedBytes()) {
            connection.queue().checkRoom(bytes.remaining());
        }
        try {
            do {
                send(connection, bytes);
            } while (bytes.hasRemaining() && !connection.is(STOPPED));
        } catch (IOException e) {
            connection.failed(e);
            return WriteResult.CLOSED;
        }
        if (bytes.hasRemaining()) {
            return enqueue(connection, bytes);
        }
        return connection.wire.holdsOutput() ? connection.settleAfter(WriteResult.CONTINUE) : WriteResult.CONTINUE;
    }

    /** Writes what is there, up to a number of calls; the rest comes with the next settling. */
    void flush(StreamConnection connection) {
        try {
            if (connection.is(ConnectionState.BLOCKED | ConnectionState.ENDING)) {
                return;
            }
            if (gatheredBytes(connection) > 0 && isQueueEmpty(connection) && connection.writing == null) {
                sendGathered(connection);
                return;
            }
            if (connection.wire.holdsOutput()) {
                flushWire(connection);
                if (connection.is(STOPPED) && gatheredBytes(connection) > 0) {
                    gather.flip();
                    keepGathered(connection); // it waits too, in front of what is queued
                    return;
                }
            }
            for (int calls = 0; !connection.is(STOPPED) && !isAllWritten(connection); calls++) {
                if (calls == CALLS_PER_SETTLING) {
                    net.later(connection);
                    return;
                }
                if (!send(connection, null)) {
                    return; // what comes next is still being read from a file
                }
            }
        } catch (IOException e) {
            connection.failed(e);
        }
    }

    private static void flushWire(StreamConnection connection) throws IOException {
        int before = connection.wire.heldOutputBytes();
        if (!connection.wire.flush(connection.stream())) {
            connection.state |= ConnectionState.BLOCKED;
        }
        wrote(connection, before - connection.wire.heldOutputBytes());
    }

    private static void wrote(StreamConnection connection, long bytes) {
        if (bytes > 0) {
            connection.active();
            Timeouts known = connection.timeouts;
            if (known != null) {
                known.wrote(bytes);
            }
        }
    }

    /** The common case of {@link #send}: what a callback has written, and nothing else. */
    private void sendGathered(StreamConnection connection) throws IOException {
        gather.flip();
        int gathered = gather.limit();
        int written = 0;
        try {
            written = connection.wire.write(connection.stream(), gather);
        } finally {
            keepGathered(connection);
        }
        sent(connection, written, gathered);
    }

    /**
     * One call: what is gathered, and behind it what is queued or else the large buffer. False if there was nothing.
     */
    private boolean send(StreamConnection connection, @Nullable ByteBuffer large) throws IOException {
        int gathered = gatheredBytes(connection);
        WriteQueue queue = connection.queue;
        PendingWrite write = large != null || queue == null ? null : queue.pending.head;
        if (gathered == 0 && write instanceof PendingFile file) {
            FileSlice slice = file.next(connection);
            if (slice != null && slice.isSendable() && slice.size() > 0) {
                return send(connection, file, slice);
            }
            if (slice == null || slice.isSendable()) {
                return queue != null && queue.takeWritten(); // what is not there yet needs no permits
            }
        }
        Throttle throttle = connection.writing;
        long max = MAX_CALL_BYTES;
        if (throttle != null) {
            max = throttle.take(Math.max(1, Math.min(max, gathered + connection.queuedBytes())));
            if (max == 0) {
                if (gathered > 0) {
                    gather.flip();
                    keepGathered(connection);
                }
                return false;
            }
        }
        long offered = gathered;
        int length = 0;
        if (gathered > 0) {
            vector[length++] = gather.flip();
        }
        ByteBuffer add = large != null ? large : write == null ? null : write.ready(connection);
        ByteBuffer last = gather;
        while (add != null && offered < max && length < vector.length) {
            last = add;
            vector[length++] = add;
            offered += add.remaining();
            write = write != null && write.isReadyWhole() && offered < max ? write.next : null;
            add = write == null ? null : write.ready(connection);
        }
        int lastLimit = last.limit();
        if (offered > max) {
            last.limit(lastLimit - (int) (offered - max));
            offered = max;
        }
        long written = 0;
        try {
            if (offered > 0) {
                written = length == 1
                        ? connection.wire.write(connection.stream(), vector[0])
                        : connection.wire.write(connection.stream(), vector, length);
            }
        } finally {
            last.limit(lastLimit);
            if (throttle != null) {
                throttle.moved(max, written);
            }
            Arrays.fill(vector, 0, length, gather); // keeps nothing alive
            if (gathered > 0) {
                keepGathered(connection);
            }
        }
        sent(connection, written, offered);
        if (large != null || queue == null) {
            return offered > 0;
        }
        return takeWritten(queue, written - Math.min(written, gathered)) || offered > 0;
    }

    private static boolean takeWritten(WriteQueue queue, long bytes) {
        if (bytes > 0) {
            queue.count(-bytes);
        }
        return queue.takeWritten();
    }

    /** One call in which the system sends from a file by itself. */
    private static boolean send(StreamConnection connection, PendingFile file, FileSlice slice) throws IOException {
        Throttle throttle = connection.writing;
        long sendable = Math.min(slice.size(), MAX_CALL_BYTES);
        long max = throttle == null ? sendable : throttle.take(sendable);
        if (max == 0) {
            return false;
        }
        long written = -1;
        try {
            written = file.send(connection, slice, max);
        } finally {
            if (throttle != null) {
                throttle.moved(max, Math.max(0, written));
            }
        }
        if (written >= 0) {
            sent(connection, written, max);
        }
        boolean unused = connection.queue().takeWritten();
        return true;
    }

    private static void sent(StreamConnection connection, long written, long offered) {
        if (written < offered || connection.wire.holdsOutput()) {
            connection.state |= ConnectionState.BLOCKED;
        }
        connection.countWritten(written);
        wrote(connection, written);
    }

    /** What was gathered and the system did not take is the first of the queue; the buffer is empty in any case. */
    private void keepGathered(StreamConnection connection) {
        try {
            int rest = gather.remaining();
            if (rest > 0) {
                WriteQueue queue = connection.queue();
                queue.pending.addChunk(rest, connection, true).append(gather);
                queue.count(rest);
            }
        } finally {
            gather.clear();
        }
    }

    /** Reports the writes that have ended, then that writers may go on; returns whether it has reported anything. */
    boolean reportWritten(StreamConnection connection) {
        WriteQueue queue = connection.queue;
        if (queue == null) {
            return false;
        }
        boolean reported = false;
        for (PendingWrite write; (write = queue.written.poll()) != null; reported = true) {
            complete(connection, write, null);
        }
        if (connection.isOpen()
                && !connection.is(ConnectionState.NEW_HANDLER)
                && queue.takeWritable(gatheredBytes(connection))) {
            reported = true;
            try {
                connection.handler.onWritable(connection);
            } catch (Throwable t) {
                connection.handlerFailed(t);
            }
        }
        return reported;
    }

    private static void complete(StreamConnection connection, PendingWrite write, @Nullable Throwable why) {
        try {
            write.complete(connection, why);
        } catch (Throwable t) {
            connection.handlerFailed(t);
        }
    }

    /**
     * Cancels what is queued, and calls {@code onClose} whatever the completions throw. Also when the loop is closed.
     */
    void cancelAndReport(StreamConnection connection, CloseCause why) throws Exception {
        try {
            cancelWrites(connection);
        } finally {
            try {
                connection.group.recordClosed(connection, why);
            } finally {
                connection.handler.onClose(connection, why, connection.failure);
            }
        }
    }

    /** Releases what waits and completes it as cancelled. It may be called again. */
    void cancelWrites(StreamConnection connection) {
        WriteQueue queue = connection.queue();
        queue.close();
        Throwable thrown = null; // by a completion, while the loop is closing and cannot report it otherwise
        for (PendingWrite write; (write = queue.written.poll()) != null; ) {
            thrown = completeLast(connection, write, null, thrown);
        }
        for (PendingWrite write; (write = queue.pending.poll()) != null; ) {
            boolean reported = true;
            try {
                reported = write.release();
            } catch (Throwable t) { // the others are released all the same
                thrown = thrown == null ? t : thrown;
            }
            if (reported) {
                thrown = completeLast(connection, write, PendingWrite.cancelled(), thrown);
            }
        }
        if (thrown != null) {
            Exceptions.rethrow(thrown);
        }
    }

    private static @Nullable Throwable completeLast(
            StreamConnection connection, PendingWrite write, @Nullable Throwable why, @Nullable Throwable before) {
        try {
            complete(connection, write, why);
            return before;
        } catch (Throwable t) {
            return before == null ? t : before;
        }
    }
}
