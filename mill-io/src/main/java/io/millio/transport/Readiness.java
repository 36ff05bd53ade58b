package io.millio.transport;

/**
 * The bits in which a {@link Poller} reports what a source is ready for, and a {@link Source} what has ended.
 *
 * <pre>
 *   bit   0         1         2            3             4      5       6
 *         READABLE  WRITABLE  READ_CLOSED  WRITE_CLOSED  ERROR  CLOSED  EXHAUSTED
 * </pre>
 */
public final class Readiness {
    /** There is something to read or to accept, or the end of input to be found by reading. */
    public static final int READABLE = 1;
    /** There is room to write, or a connection attempt has ended. */
    public static final int WRITABLE = 1 << 1;
    /** The peer has ended its output. From {@link Source#condition}: its last byte and the end have been read. */
    public static final int READ_CLOSED = 1 << 2;
    /** The peer accepts no more bytes. */
    public static final int WRITE_CLOSED = 1 << 3;
    /** The source has failed; the next read or write throws the reason. From {@link Source#condition}: one has. */
    public static final int ERROR = 1 << 4;
    /** The source has been closed on this side, by any thread. */
    public static final int CLOSED = 1 << 5;
    /** An accept failed for want of descriptors or memory: from {@link Source#condition} of a listener only. */
    public static final int EXHAUSTED = 1 << 6;

    private static final String[] NAMES = {
        "readable", "writable", "read-closed", "write-closed", "error", "closed", "exhausted"
    };

    private Readiness() {}

    /** The names of the bits that are set, for messages. */
    public static String describe(int bits) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < NAMES.length; i++) {
            if ((bits & (1 << i)) != 0) {
                text.append(text.isEmpty() ? "" : "+").append(NAMES[i]);
            }
        }
        return text.isEmpty() ? "nothing" : text.toString();
    }
}
