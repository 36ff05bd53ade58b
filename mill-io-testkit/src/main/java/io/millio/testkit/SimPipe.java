package io.millio.testkit;

import java.nio.ByteBuffer;

/**
 * The bytes of one direction of a stream, from their writing to the news that they were read. Four counters say how far
 * each thing has come; the bytes between the first and the last are in a ring, which grows up to the window.
 *
 * <pre>
 *   released  &lt;=  read  &lt;=  arrived  &lt;=  written  &lt;=  released + window
 *   the writer    the reader    the reader      the writer
 *   knows it      took it       may take it     gave it
 * </pre>
 *
 * Guarded by the world.
 */
final class SimPipe {
    private final int window;
    private byte[] ring;
    private long written;
    private long arrived;
    private long read;
    private long released;
    private boolean endArrived;

    SimPipe(int window) {
        this.window = window;
        this.ring = new byte[Math.min(window, 1024)];
    }

    int room() {
        return (int) (window - (written - released));
    }

    int toRead() {
        return (int) (arrived - read);
    }

    /** Whether everything has been read, and the end has come. */
    boolean isAtEnd() {
        return endArrived && read == written;
    }

    /** Whether the end has come, behind all bytes. */
    boolean hasEnded() {
        return endArrived && arrived == written;
    }

    void write(ByteBuffer from, int bytes) {
        grow(bytes);
        int at = (int) (written % ring.length);
        int first = Math.min(bytes, ring.length - at);
        from.get(ring, at, first);
        from.get(ring, 0, bytes - first);
        written += bytes;
    }

    private void grow(int bytes) {
        int used = (int) (written - released);
        if (used + bytes <= ring.length) {
            return;
        }
        byte[] larger = new byte[Math.min(window, Math.max(ring.length * 2, used + bytes))];
        for (long i = released; i < written; i++) {
            larger[(int) (i % larger.length)] = ring[(int) (i % ring.length)];
        }
        ring = larger;
    }

    /** Changes one bit of the bytes written last. */
    void corrupt(int bytes, SimRandom random) {
        ring[(int) ((written - 1 - random.below(bytes)) % ring.length)] ^= (byte) (1 << random.below(8));
    }

    void arrived(int bytes) {
        arrived += bytes;
    }

    void endArrived() {
        endArrived = true;
    }

    void read(ByteBuffer to, int bytes) {
        int at = (int) (read % ring.length);
        int first = Math.min(bytes, ring.length - at);
        to.put(ring, at, first);
        to.put(ring, 0, bytes - first);
        read += bytes;
    }

    /** The writer hears that so many bytes were read. */
    void released(int bytes) {
        released += bytes;
    }
}
