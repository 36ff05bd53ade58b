package io.millio.http.wire;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Encodes a body by gzip (RFC 1952), bit by bit, in bounded memory. One thread encodes; any thread may close, which
 * waits for a step at most.
 */
public final class Gzip {
    /** Takes encoded bytes, which are valid until it returns. */
    @FunctionalInterface
    public interface Sink {
        void put(ByteBuffer bytes);
    }

    /**
     * What one takes: deflate with a window of 32 KiB has 256 KiB outside of the heap (zlib's zconf.h), and the room.
     */
    public static final int STATE_BYTES = 268 * 1024;

    private static final int STEP_BYTES = 16 * 1024;
    private static final int ROOM = 8 * 1024;
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final byte[] room = new byte[ROOM];
    private final ByteBuffer out = ByteBuffer.wrap(room);
    private final CRC32 checksum = new CRC32();
    private final Deflater deflater; // last: what is made before it needs no release
    private int length;
    private boolean begun;

    // Guarded by this.
    private boolean closed;

    public Gzip(int level) {
        deflater = new Deflater(level, true);
    }

    /** Encodes all these bytes; what is put is enough to decode them. Returns false if it is closed. */
    public boolean encode(ByteBuffer bytes, Sink to) {
        begin(to);
        while (bytes.hasRemaining()) {
            int end = Math.min(bytes.limit(), bytes.position() + STEP_BYTES);
            ByteBuffer step = bytes.duplicate().limit(end);
            checksum.update(step.duplicate());
            length += step.remaining();
            boolean last = end == bytes.limit();
            if (!drain(step, last ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH, to)) {
                return false;
            }
            bytes.position(end);
        }
        return true;
    }

    /** Encodes the end. Returns false if it is closed. */
    public boolean finish(Sink to) {
        begin(to);
        synchronized (this) {
            if (!closed) {
                deflater.finish();
            }
        }
        if (!drain(ByteBuffer.allocate(0), Deflater.NO_FLUSH, to)) {
            return false;
        }
        putLittleEndian((int) checksum.getValue());
        putLittleEndian(length);
        flush(to);
        return true;
    }

    private void begin(Sink to) {
        if (!begun) {
            begun = true;
            out.put(HEADER);
            flush(to);
        }
    }

    private void putLittleEndian(int value) {
        out.putInt(Integer.reverseBytes(value));
    }

    private void flush(Sink to) {
        if (out.flip().hasRemaining()) {
            to.put(out);
        }
        out.clear();
    }

    private boolean drain(ByteBuffer input, int mode, Sink to) {
        boolean first = true;
        int count;
        do {
            synchronized (this) {
                if (closed) {
                    return false;
                }
                if (first) {
                    deflater.setInput(input);
                    first = false;
                }
                count = deflater.deflate(room, 0, ROOM, mode);
            }
            out.position(count);
            flush(to);
        } while (count == ROOM);
        return true;
    }

    /** Releases the memory of the encoder. A second call does nothing. */
    public synchronized void close() {
        if (!closed) {
            closed = true;
            deflater.end();
        }
    }
}
