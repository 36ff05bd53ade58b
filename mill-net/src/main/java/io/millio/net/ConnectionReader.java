package io.millio.net;

import io.millio.net.wire.Chunk;
import io.millio.net.wire.FrameScan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads for the connections of one loop: bytes go into the loop's buffer and are delivered from there. What the handler
 * leaves is kept in a chunk of the connection: a small rest is copied in front of the next read, so that this stays
 * large; behind a large one the next read goes into the chunk itself, which doubles, so that a long frame is copied a
 * bounded number of times. Loop thread only.
 */
final class ConnectionReader {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int MAX_BYTES_PER_EVENT = 16 * BUFFER_BYTES;
    private static final int MIN_BYTES_PER_EVENT = 1024;

    /** A turn that takes longer is late: its other connections read little, and all read less in the next. */
    private static final long LATE_NANOS = 5_000_000;

    /** The clock is looked at once for so many connections, and for each full buffer. */
    private static final int READERS_PER_LOOK = 16;

    private static final int SMALL_REST_BYTES = BUFFER_BYTES / 4;

    final FrameScan scan = new FrameScan();
    private final NetLoop net;
    private final ByteBuffer shared = ByteBuffer.allocateDirect(BUFFER_BYTES);

    // How much each connection may read in this turn, which is identified by its time; how many have been read.
    private int bytesPerEvent = MAX_BYTES_PER_EVENT;
    private long turnNanos;
    private int readers;
    private boolean late;

    ConnectionReader(NetLoop net) {
        this.net = net;
    }

    /** The loop's buffer, empty: for one read whose bytes are used before anything else runs. */
    ByteBuffer buffer() {
        return shared.clear();
    }

    /** Returns how much a connection may read now: as much as others, and so that the turn does not take too long. */
    private int bytesPerEvent() {
        long turn = net.loop.nanoTime();
        if (turn != turnNanos) {
            turnNanos = turn;
            bytesPerEvent = late
                    ? Math.max(MIN_BYTES_PER_EVENT, bytesPerEvent / 2)
                    : Math.min(MAX_BYTES_PER_EVENT, bytesPerEvent * 2);
            readers = 0;
            late = false;
        }
        boolean little = ++readers % READERS_PER_LOOK == 0 ? isLate() : late;
        return little ? MIN_BYTES_PER_EVENT : bytesPerEvent;
    }

    private boolean isLate() {
        late = late || net.loop.nanoClock().getAsLong() - turnNanos > LATE_NANOS;
        return late;
    }

    /** Reads until there is no more now, up to a number of bytes, and delivers it. */
    void receive(StreamConnection connection) {
        Throttle throttle = connection.reading;
        int left = bytesPerEvent();
        for (boolean first = true; left > 0 && connection.wantsData() && (first || !isLate()); first = false) {
            if (connection.group.memory.holds(connection)) {
                return; // it goes on when memory is not as scarce
            }
            int max = throttle == null ? left : (int) throttle.take(Math.min(left, BUFFER_BYTES));
            if (max == 0) {
                return; // it goes on when the limit allows
            }
            ByteBuffer target = target(connection);
            int unread = target.position();
            // At the limit one byte shows that there is more than the handler may leave.
            int allowed = Math.max(1, connection.options().maxUnreadBytes() - unread);
            int room = Math.min(Math.min(target.remaining(), max), allowed);
            int got = read(connection, target.limit(unread + room));
            if (throttle != null) {
                throttle.moved(max, Math.max(0, got));
            }
            target.flip();
            if (got > 0) {
                left -= got;
                deliver(connection, target);
            } else if (got < 0) {
                reportEnd(connection, target);
                return;
            } else if (!connection.wire.holdsInput()) { // what was unread before is in its chunk as it was
                return;
            } else {
                break; // records without data, and there are more
            }
            if (got < room && !connection.wire.holdsInput()) {
                return;
            }
        }
        if (connection.wire.holdsInput() && connection.wantsData()) {
            net.later(connection); // the poller does not report it
        }
    }

    /**
     * While nothing may be delivered: finds out whether the peer has gone, as far as that is possible without taking
     * many bytes.
     */
    void lookForEnd(StreamConnection connection) {
        if (connection.unread != null || connection.is(ConnectionState.INPUT_ENDED | ConnectionState.ENDING)) {
            return;
        }
        ByteBuffer target = buffer();
        target.limit(Math.min(target.capacity(), connection.options().maxUnreadBytes()));
        int got = read(connection, target);
        target.flip();
        if (got < 0) {
            reportEnd(connection, target);
        } else if (got > 0) {
            scan.begin(target, null); // what the loop's scan knows is of another connection
            keep(connection, target);
            if (connection.reading != null) {
                connection.reading.owe(got);
            }
        }
    }

    /** Reads and discards what comes after close(). */
    void discard(StreamConnection connection) {
        int left = bytesPerEvent();
        for (boolean first = true;
                left > 0 && Closing.discardsInput(connection) && (first || !isLate());
                first = false) {
            int got = read(connection, buffer());
            if (got > 0) {
                left -= got;
                Timeouts.of(connection).discardedBytes += got;
            } else if (!connection.wire.holdsInput()) {
                return;
            }
        }
        if (connection.wire.holdsInput() && Closing.discardsInput(connection)) {
            net.later(connection); // the poller does not report it
        }
    }

    private static boolean isOver(StreamConnection connection) {
        return connection.is(ConnectionState.INPUT_ENDED | ConnectionState.ENDING | ConnectionState.NEW_HANDLER);
    }

    private static int read(StreamConnection connection, ByteBuffer target) {
        int got;
        try {
            got = connection.wire.read(connection.stream(), target);
        } catch (IOException e) {
            if (CloseCause.of(e) != CloseCause.TRUNCATED || !connection.requested(ConnectionState.CLOSE)) {
                connection.failed(e);
                return 0;
            }
            got = -1; // what this side has to say counts, and it discards the rest anyway
        }
        if (got > 0) {
            connection.countRead(got);
            Timeouts known = connection.timeouts;
            if (known != null) {
                known.read();
            }
        } else if (got < 0) {
            connection.state |= ConnectionState.INPUT_ENDED;
        }
        return got;
    }

    /** Reports the end of input, and drops what the handler does not take of the rest. */
    void reportEnd(StreamConnection connection, ByteBuffer rest) {
        scan.begin(rest, connection.unread);
        try {
            if (connection.isOpen()) {
                connection.handler.onInputClosed(connection, rest.order(ByteOrder.BIG_ENDIAN));
            }
        } catch (Throwable t) {
            connection.handlerFailed(t);
        } finally {
            if (connection.is(ConnectionState.NEW_HANDLER)) {
                keep(connection, rest); // for the next handler
            } else {
                releaseUnread(connection);
            }
        }
    }

    /** Where the next read goes: behind what is unread. */
    private ByteBuffer target(StreamConnection connection) {
        ByteBuffer buffer = buffer();
        Chunk held = connection.unread;
        if (held == null) {
            return buffer;
        }
        int size = held.size();
        if (size <= SMALL_REST_BYTES) {
            buffer.put(0, held.buffer, 0, size);
            return buffer.position(size);
        }
        if (held.room() < SMALL_REST_BYTES) {
            held = held.enlarged(0, connection.options().buffers());
            connection.unread = held;
        }
        return held.buffer.limit(held.buffer.capacity()).position(size);
    }

    /** Delivers bytes and keeps what is left of them. */
    private void deliver(StreamConnection connection, ByteBuffer bytes) {
        int end = bytes.limit();
        scan.begin(bytes, connection.unread);
        try {
            connection.handler.onData(connection, bytes.order(ByteOrder.BIG_ENDIAN));
        } catch (Throwable t) {
            connection.handlerFailed(t);
        }
        if (connection.is(ConnectionState.ENDING)) {
            return;
        }
        // The handler may have moved the limit, of whatever it does with the buffer.
        bytes.limit(Math.max(end, bytes.position()));
        keep(connection, bytes);
    }

    /** What was left is delivered again when the handler resumes; a limit has let it pass before. */
    void deliverAgain(StreamConnection connection) {
        Chunk held = connection.unread;
        if (held != null && !connection.isReadingPaused() && connection.isOpen() && !isOver(connection)) {
            deliver(connection, held.buffer);
        }
    }

    private void keep(StreamConnection connection, ByteBuffer bytes) {
        Chunk held = connection.unread;
        int left = bytes.remaining();
        if (left == 0 || !connection.isOpen()) {
            releaseUnread(connection);
            return;
        }
        int max = connection.options().maxUnreadBytes();
        if (left > max && !connection.isReadingPaused()) {
            releaseUnread(connection);
            connection.handlerFailed(new ConnectionException(
                    CloseCause.UNREAD_LIMIT, left + " bytes left unread, more than maxUnreadBytes: " + max, null));
            return;
        }
        int start = bytes.position();
        if (held != null && held.buffer == bytes) {
            bytes.compact().flip();
        } else {
            if (held != null && held.buffer.capacity() < left) {
                releaseUnread(connection);
                held = null;
            }
            if (held == null) {
                held = Chunk.ofSize(left, connection.options().buffers(), connection);
                connection.unread = held;
            }
            held.buffer.position(0).limit(0);
            held.append(bytes);
        }
        scan.end(held, start);
    }

    void releaseUnread(StreamConnection connection) {
        Chunk held = connection.unread;
        if (held != null) {
            connection.unread = null;
            held.release();
        }
    }
}
