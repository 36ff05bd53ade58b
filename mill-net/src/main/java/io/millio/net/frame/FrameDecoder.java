package io.millio.net.frame;

import io.millio.internal.Arguments;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.wire.FrameScan;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Cuts a stream of bytes into frames: called by {@link ConnectionHandler#onData} with what has come, it gives each
 * whole frame to a {@link FrameHandler} and leaves the rest unread, so that it comes again with the next bytes.
 * Stateless: one decoder serves all connections, any thread. It copies nothing and allocates nothing: a frame is a
 * narrowed view of the buffer.
 *
 * <pre>{@code
 * private static final FrameDecoder LINES = FrameDecoder.lines(8 * 1024);
 *
 * public void onData(Connection connection, ByteBuffer bytes) throws Exception {
 *     LINES.decode(connection, bytes, this::onLine);
 * }
 * }</pre>
 *
 * <p>The maximum, with the delimiter or length field, must fit into {@link ConnectionOptions#maxUnreadBytes}, which
 * holds an incomplete frame: otherwise {@link #decode} throws, and a server whose only handler is that of
 * {@link #handler} does not start.
 */
public abstract class FrameDecoder {
    final int maxBytes;

    /** The maximum of a frame together with what is not its content. */
    private final long maxFrameBytes;

    FrameDecoder(int maxBytes, int extraBytes) {
        this.maxBytes = Arguments.atLeast(1, maxBytes, "maxBytes");
        this.maxFrameBytes = (long) maxBytes + extraBytes;
    }

    /**
     * Lines, without their end: {@code \n} or {@code \r\n}. O(bytes): those of an incomplete line are not searched
     * again.
     */
    public static FrameDecoder lines(int maxBytes) {
        return new DelimiterDecoder(maxBytes, new byte[] {'\n'}, true);
    }

    /**
     * Frames that end in a delimiter, which is not part of them. O(bytes), as {@link #lines}.
     *
     * @param delimiter 1 byte or more; copied
     */
    public static FrameDecoder delimited(int maxBytes, byte... delimiter) {
        if (delimiter.length == 0) {
            throw new IllegalArgumentException("delimiter: empty, must have at least 1 byte");
        }
        return new DelimiterDecoder(maxBytes, delimiter.clone(), false);
    }

    /** Frames of one size. O(frames). */
    public static FrameDecoder fixed(int frameBytes) {
        return new LengthDecoder(frameBytes, 0, 0, frameBytes, 0, ByteOrder.BIG_ENDIAN);
    }

    /** Frames behind their length, as a big-endian number of so many bytes, 1 to 8. O(frames). */
    public static FrameDecoder lengthPrefixed(int maxBytes, int lengthBytes) {
        return lengthField(maxBytes, 0, lengthBytes, 0, lengthBytes, ByteOrder.BIG_ENDIAN);
    }

    /**
     * Frames with a length field somewhere in their head. O(frames).
     *
     * <pre>
     *   | offset bytes | length field | ............ rest ............ |
     *                                 |&lt;-- its value + adjustment ----&gt;|
     *   |&lt;------------ at most maxBytes, less what is skipped -------&gt;|
     * </pre>
     *
     * @param maxBytes of a frame as it is given, without what is skipped
     * @param offset how many bytes come before the field
     * @param lengthBytes how many bytes the field has, 1 to 8; it is unsigned
     * @param adjustment what to add to the field's value for the number of bytes that follow it: negative if it counts
     *     more than those
     * @param skip how many bytes of the head are left out of the frame, 0 to the end of the field
     * @param order of the field
     */
    public static FrameDecoder lengthField(
            int maxBytes, int offset, int lengthBytes, int adjustment, int skip, ByteOrder order) {
        Arguments.between(1, lengthBytes, 8, "lengthBytes");
        return new LengthDecoder(
                maxBytes, offset, lengthBytes, adjustment, skip, Objects.requireNonNull(order, "order"));
    }

    /**
     * Frames of a format of the program's own. A handler may decode a frame further with another decoder. O(frames), if
     * the format is O(1).
     *
     * @param maxBytes of a frame, from its first byte to its last
     */
    public static FrameDecoder of(int maxBytes, FrameFormat format) {
        return new OpenDecoder(maxBytes, Objects.requireNonNull(format, "format"));
    }

    /**
     * Gives each whole frame to the handler, in order, until there is none, or the connection is closed, paused or
     * passed on: by {@link Connection#handler} or {@link Connection#startTls}, after which the rest of the bytes is the
     * next handler's, or TLS's. It also stops when the connection is held as memory is scarce; the rest is delivered
     * later. Loop only, out of {@link ConnectionHandler#onData}.
     *
     * @param bytes what has come; afterwards, what is left of it
     * @throws FrameException if a frame is over its maximum or no frame; thrown on, it closes the connection with that
     *     cause
     * @throws IllegalArgumentException if the maximum does not fit into {@link ConnectionOptions#maxUnreadBytes}
     * @throws Exception what the handler throws
     */
    public final void decode(Connection connection, ByteBuffer bytes, FrameHandler handler) throws Exception {
        decode(connection, bytes, handler, false);
    }

    private void decode(Connection connection, ByteBuffer bytes, FrameHandler handler, boolean last) throws Exception {
        int limit = bytes.limit();
        ByteOrder order = bytes.order();
        FrameScan.Source source = connection instanceof FrameScan.Source known ? known : null;
        FrameScan scan = null;
        if (source != null) {
            checkFits(source.maxUnreadBytes());
            scan = source.frameScan();
        }
        boolean held = false;
        while (!held && takesFrames(connection)) {
            int start = bytes.position();
            int length = measure(bytes, scan == null ? 0 : scan.searched(this, bytes, start));
            if (length < 0) {
                if (scan != null) {
                    scan.searched(this, bytes, start, limit);
                }
                return;
            }
            int end = start + length;
            bytes.limit(end - tail(bytes, start, end)).position(start + head());
            try {
                handler.onFrame(connection, bytes);
            } finally {
                bytes.limit(limit).position(end).order(order);
            }
            held = !last && source != null && source.isHeld();
        }
    }

    /**
     * As {@link #decode}, at the end of input: an incomplete frame at the end will not become whole. A line, or what
     * else ends in a delimiter, is given to the handler without it. Loop only, out of
     * {@link ConnectionHandler#onInputClosed}.
     *
     * @throws FrameException also if a frame with a length is incomplete
     */
    public final void decodeLast(Connection connection, ByteBuffer rest, FrameHandler handler) throws Exception {
        decode(connection, rest, handler, true); // all of it: what is left would be lost
        if (rest.hasRemaining() && takesFrames(connection)) {
            trimLast(rest);
            handler.onFrame(connection, rest);
            rest.position(rest.limit());
        }
    }

    /**
     * Returns a handler of connections that gives their frames to another, at the end of input as {@link #decodeLast}
     * does, and closes then. Its other callbacks are the defaults.
     */
    public final ConnectionHandler handler(FrameHandler frames) {
        return new FramedHandler(this, Objects.requireNonNull(frames, "frames"));
    }

    private record FramedHandler(FrameDecoder decoder, FrameHandler frames)
            implements ConnectionHandler, FrameScan.Framed {
        @Override
        public void checkFits(int maxUnreadBytes) {
            decoder.checkFits(maxUnreadBytes);
        }

        @Override
        public void onOpen(Connection connection) {
            if (connection instanceof FrameScan.Source source) {
                checkFits(source.maxUnreadBytes());
            }
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) throws Exception {
            decoder.decode(connection, bytes, frames);
        }

        @Override
        public void onInputClosed(Connection connection, ByteBuffer rest) throws Exception {
            decoder.decodeLast(connection, rest, frames);
            if (!isPassedOn(connection)) {
                connection.close();
            }
        }
    }

    private static boolean takesFrames(Connection connection) {
        return connection.isOpen() && !connection.isReadingPaused() && !isPassedOn(connection);
    }

    private static boolean isPassedOn(Connection connection) {
        return connection instanceof FrameScan.Source source && source.isPassedOn();
    }

    private void checkFits(int maxUnreadBytes) {
        if (maxFrameBytes > maxUnreadBytes) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + ", with delimiter or length field "
                    + maxFrameBytes + ", must be at most maxUnreadBytes: " + maxUnreadBytes);
        }
    }

    /** Narrows what is left at the end of input to the content of a frame without its end. */
    abstract void trimLast(ByteBuffer rest) throws FrameException;

    /**
     * Returns how many bytes the first frame takes up, head and tail included; -1 if it is not whole.
     *
     * @param searched how many of the bytes an earlier call has searched for its end in vain
     */
    abstract int measure(ByteBuffer bytes, int searched) throws FrameException;

    /** How many bytes at its beginning are left out. */
    int head() {
        return 0;
    }

    /** How many bytes at its end are left out. */
    int tail(ByteBuffer bytes, int start, int end) {
        return 0;
    }

    final FrameException tooLarge(String size) {
        return FrameException.tooLarge("frame of " + size + " bytes, at most " + maxBytes + " are allowed");
    }
}
