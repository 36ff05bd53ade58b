package io.millio.net.wire;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * How far a decoder has searched the data of the callback under way for the end of a frame: it goes on from there when
 * the same bytes come again with more behind them, so a long frame that arrives in small pieces is searched once. One
 * for each loop; what must survive the callback is kept with the unread bytes. Loop thread only.
 */
public final class FrameScan {
    /** A connection that keeps scan positions. */
    public interface Source {
        /** The scan of the callback under way. */
        FrameScan frameScan();

        /** How many bytes a handler may leave unread. */
        int maxUnreadBytes();

        /** Whether the handler has passed the connection on to another, whose callbacks have not begun. */
        boolean isPassedOn();

        /** Whether delivery is suspended as memory is scarce; what is left unread is delivered later. */
        boolean isHeld();
    }

    /** A handler that leaves incomplete frames unread. */
    public interface Framed {
        /** Throws an exception if an incomplete frame may be longer than this. */
        void checkFits(int maxUnreadBytes);
    }

    private @Nullable ByteBuffer bytes;
    private @Nullable Object decoder;

    // Indices of the bytes that were searched. What is unread begins at index 0 at the next callback.
    private int from;
    private int to;

    /** A callback begins: its data starts at index 0, with what was left unread. */
    public void begin(ByteBuffer data, @Nullable Chunk unread) {
        bytes = data;
        from = 0;
        to = unread == null ? 0 : unread.searchedBytes;
        decoder = unread == null ? null : unread.searchedBy;
    }

    /** The callback is over: keeps the position with what is left unread, which began at an index of the data. */
    public void end(Chunk unread, int start) {
        boolean valid = start >= from && start < to;
        unread.searchedBytes = valid ? to - start : 0;
        unread.searchedBy = valid ? decoder : null;
        bytes = null;
        decoder = null;
        to = 0;
    }

    /** Returns how many bytes from an index on the decoder has searched before. */
    public int searched(Object by, ByteBuffer data, int start) {
        return data == bytes && by == decoder && start >= from ? Math.max(0, to - start) : 0;
    }

    /** The decoder has searched the data between two indices, and found no end. */
    public void searched(Object by, ByteBuffer data, int start, int end) {
        if (data == bytes) {
            decoder = by;
            from = start;
            to = end;
        }
    }
}
