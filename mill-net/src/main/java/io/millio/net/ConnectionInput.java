package io.millio.net;

import io.millio.net.wire.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The way in. Bytes are read into the loop's buffer and told from there. What the handler leaves is kept in a chunk:
 * little of it is copied in front of the next read, so that this stays large; behind much of it the next read goes into
 * the chunk itself, which doubles, so that a long frame is copied a bounded number of times.
 */
abstract class ConnectionInput extends ConnectionOutput {
    private static final int READS_PER_EVENT = 16;
    private static final int LITTLE_BYTES = NetLoop.BUFFER_BYTES / 4;

    /** What the handler left, told again with the next bytes. The turn's. */
    private @Nullable Chunk unread;

    ConnectionInput(Residents residents, ConnectionHandler handler) {
        super(residents, handler);
    }

    // ---- any thread

    @Override
    public final void pauseReading() {
        if ((wish(PAUSED) & PAUSED) == 0) {
            settleSoon();
        }
    }

    @Override
    public final void resumeReading() {
        wish(RESUMED);
        if ((unwish(PAUSED) & PAUSED) != 0) {
            settleSoon();
        }
    }

    @Override
    public final boolean isReadingPaused() {
        return wishes(PAUSED);
    }

    // ---- in the turn

    /** A limit lets it go on. */
    final void paced() {
        if (is(UNTOLD) && !is(READ_HELD)) {
            state &= ~UNTOLD;
            wish(RESUMED);
        }
        self().settleLater();
    }

    /** Whether there may be something to read of which the poller has not told. */
    final boolean mayHaveInput() {
        return wire.holdsInput() || (reading != null && reading.isGranted());
    }

    /** Reads until there is no more now, up to a number of reads, and tells it. */
    final void receive() {
        Pace pace = reading;
        for (int reads = 0; reads < READS_PER_EVENT && wantsData(); reads++) {
            int most = pace == null ? Integer.MAX_VALUE : (int) pace.take(NetLoop.BUFFER_BYTES);
            if (most == 0) {
                return; // it goes on when the limit lets it
            }
            ByteBuffer target = target();
            int room = Math.min(target.remaining(), most);
            int got = read(target.limit(target.position() + room));
            if (pace != null) {
                pace.moved(most, Math.max(0, got));
            }
            target.flip();
            if (got <= 0) { // what was unread before is in its chunk as it was
                if (got < 0 || !wire.holdsInput()) {
                    return;
                }
                break; // records without data, and there are more
            }
            tell(target);
            if (got < room && !wire.holdsInput()) {
                return;
            }
        }
        if (wire.holdsInput() && wantsData()) {
            net().later(self()); // the poller does not tell of it
        }
    }

    /** What came together with the bytes that a proxy or a handshake has read: told as if it had been left unread. */
    final void prefill(Chunk rest) {
        unread = rest;
        wish(RESUMED);
    }

    /**
     * While nothing may be told: finds out whether the peer has gone, as far as that is possible without taking bytes.
     */
    final void lookForEnd() {
        if (unread == null && !is(INPUT_ENDED | ENDING)) {
            ByteBuffer target = net().readBuffer.clear();
            target.limit(Math.min(target.capacity(), options().maxUnreadBytes()));
            int got = read(target);
            if (got > 0) {
                keep(target.flip());
                if (reading != null) {
                    reading.owe(got);
                    state |= is(READ_HELD) ? UNTOLD : 0;
                }
            }
        }
    }

    /** Reads and forgets, after close() has written everything; returns whether there was anything. */
    final boolean discard() {
        boolean found = false;
        for (int reads = 0; reads < READS_PER_EVENT && !is(INPUT_ENDED | ENDING); reads++) {
            if (read(net().readBuffer.clear()) <= 0 && !wire.holdsInput()) {
                return found;
            }
            found = true;
        }
        if (wire.holdsInput() && !is(INPUT_ENDED | ENDING)) {
            net().later(self()); // the poller does not tell of it
        }
        return found;
    }

    private int read(ByteBuffer target) {
        int got;
        try {
            got = wire.read(stream(), target);
        } catch (IOException e) {
            CloseCause why = CloseCause.of(e);
            if (why != CloseCause.TRUNCATED || !is(OUTPUT_SHUT) || !wishes(CLOSE)) {
                failed(e);
                return 0;
            }
            got = -1; // this side has said its farewell: it matters no more that the peer has not
        }
        if (got > 0) {
            Timeouts known = timeouts;
            if (known != null) {
                known.read();
            }
        } else if (got < 0) {
            inputEnded();
        }
        return got;
    }

    private void inputEnded() {
        state |= INPUT_ENDED;
        if (!wishes(CLOSE | ABORT | ENDED)) {
            try {
                handler.onInputClosed(self());
            } catch (Throwable t) {
                handlerFailed(t);
            }
        }
    }

    /** Where the next read goes: behind what is unread. */
    private ByteBuffer target() {
        ByteBuffer shared = net().readBuffer.clear();
        Chunk held = unread;
        if (held == null) {
            return shared;
        }
        int size = held.size();
        if (size <= LITTLE_BYTES) {
            shared.put(0, held.buffer, 0, size);
            return shared.position(size);
        }
        if (held.room() < LITTLE_BYTES) {
            Chunk larger = Chunk.ofSize(2 * held.buffer.capacity(), options().buffers());
            larger.append(held.buffer);
            held.release();
            held = larger;
            unread = larger;
        }
        return held.buffer.limit(held.buffer.capacity()).position(size);
    }

    /** Tells bytes and keeps what is left of them. */
    private void tell(ByteBuffer bytes) {
        int end = bytes.limit();
        try {
            handler.onData(self(), bytes.order(ByteOrder.BIG_ENDIAN));
        } catch (Throwable t) {
            handlerFailed(t);
        }
        if (is(ENDING)) {
            return;
        }
        // The handler may have moved the limit, of whatever it does with the buffer.
        bytes.limit(Math.max(end, bytes.position()));
        keep(bytes);
    }

    /** What was left comes again when the handler resumes; a limit has let it pass before. */
    final void tellAgain() {
        Chunk held = unread;
        if (held != null && !wishes(PAUSED | CLOSE | ABORT | ENDED) && !is(INPUT_ENDED | ENDING)) {
            tell(held.buffer);
        }
    }

    private void keep(ByteBuffer bytes) {
        Chunk held = unread;
        int left = bytes.remaining();
        if (left > options().maxUnreadBytes()) {
            end(CloseCause.UNREAD_LIMIT, null);
        } else if (left == 0) {
            releaseUnread();
        } else if (held != null && held.buffer == bytes) {
            bytes.compact().flip();
        } else {
            if (held != null && held.buffer.capacity() < left) {
                held.release();
                held = null;
            }
            if (held == null) {
                held = Chunk.ofSize(left, options().buffers());
                unread = held;
            }
            held.buffer.position(0).limit(0);
            held.append(bytes);
        }
    }

    @Override
    public final boolean hasUnread() {
        return unread != null;
    }

    final void releaseUnread() {
        Chunk held = unread;
        if (held != null) {
            unread = null;
            held.release();
        }
    }
}
