package io.millio.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A connection, over TCP or a Unix-domain socket; non-blocking. At most one thread reads and one writes at a time;
 * {@link #close} is for any thread. Failures name the addresses, and a {@link java.nio.channels.ClosedChannelException}
 * means that this side has closed.
 */
public interface TcpStream extends SocketSource<TcpStream> {
    /**
     * Completes a connection attempt; call it when the stream becomes writable. After a failure the stream is closed.
     *
     * @return false while the attempt goes on
     * @throws IOException why the attempt failed: {@link java.net.ConnectException} when refused
     */
    boolean finishConnect() throws IOException;

    /**
     * Reads what has arrived, up to the room in the buffer; into one on the heap at most 64 KiB a call.
     *
     * @return the number of bytes; 0 when nothing has arrived; -1 at the end of input, after which the source is not
     *     reported as readable any more
     */
    int read(ByteBuffer to) throws IOException;

    /** Writes as much as the system takes now, and returns how much that was; 0 when it takes nothing. */
    int write(ByteBuffer from) throws IOException;

    /** Writes the buffers in order, in one call, as far as the system takes them now. */
    long write(ByteBuffer[] from, int offset, int length) throws IOException;

    /**
     * Opens a file that the system can send on this stream by itself, so that its bytes do not pass through this
     * process. May block, as files do; any thread. The caller closes it.
     *
     * @return null where that can't be, which is the default: not on this transport, not from its file system, not of
     *     what is no regular file; or it can't be opened, and opening it to read throws the reason
     */
    default @Nullable SendableFile openFile(Path file) {
        return null;
    }

    /**
     * Sends a part of a file by the system, as much as it takes now; this is a write like the others. The caller blocks
     * for bytes of that part that are not in memory: call {@link SendableFile#prefetch} just before, on a thread that
     * may block.
     *
     * @param file what {@link #openFile} of a stream of the same transport returned
     * @param position where in the file the part begins, in bytes, not negative
     * @param count how many bytes at most, not negative
     * @return how many bytes were taken; 0 when the system takes nothing now; -1 if the file ends at the position or
     *     before
     * @throws IllegalArgumentException if a number is negative, or the file is of another transport
     * @throws UnsupportedOperationException if the system can't send this file after all: nothing was taken, and it is
     *     to be read and written
     * @throws IOException if that fails, or stream or file is closed; it names both
     */
    default long transferFrom(SendableFile file, long position, long count) throws IOException {
        throw new IllegalArgumentException("file: of another transport: " + file);
    }

    /**
     * Shuts down the output, so that the peer reads the end of input; reading goes on.
     *
     * @throws IOException if it was done before, or the stream is closed or not connected
     */
    void shutdownOutput() throws IOException;

    /** Returns the address of the peer, also while it is being connected to. */
    SocketAddress remoteAddress();
}
