package io.millio.transport;

import java.io.Closeable;
import java.io.IOException;

/**
 * A regular file, open for reading, that the system can send by itself: {@link TcpStream#transferFrom}. Any thread,
 * several at a time.
 */
public interface SendableFile extends Closeable {
    /**
     * Brings a part of the file into the memory of the system and waits until it is there, so that to send it soon
     * after does not wait for a disk. Blocks for as long as that takes.
     *
     * @param position where the part begins, in bytes, not negative
     * @param count how many bytes, not negative
     * @return how many of them there are: fewer where the file ends before
     * @throws UnsupportedOperationException if the system can't send this file after all: it is to be read
     * @throws IOException if the disk fails, or the file is closed; it names the file
     */
    long prefetch(long position, long count) throws IOException;

    /** Closes the file, when the calls under way have ended; a second call does nothing. */
    @Override
    void close() throws IOException;
}
