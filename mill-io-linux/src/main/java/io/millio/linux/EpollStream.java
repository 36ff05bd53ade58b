package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.millio.internal.Addresses;
import io.millio.linux.sys.Buffers;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import io.millio.linux.sys.SocketAddresses;
import io.millio.linux.sys.SocketCalls;
import io.millio.transport.SendableFile;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A connection over TCP or a Unix-domain socket. */
final class EpollStream extends SocketDescriptor<TcpStream> implements TcpStream {
    private final SocketAddress remote;

    // Volatile: set once the attempt has ended well, by the thread that finishes it.
    private volatile boolean connected;

    // Only ever set, by the one writer of the stream.
    private volatile boolean outputShut;

    // Only ever set, before another process can have the descriptor; volatile, for any thread may close.
    private volatile boolean shared;

    // Found when it is first asked for; any thread may, and all find the same.
    private volatile @Nullable SocketAddress local;

    EpollStream(int fd, SocketAddress remote, boolean connected) {
        // A stream of IPv4 that a listener of both accepted is one of IPv6 to the system, which takes either kind of
        // option from it.
        super(fd, SocketAddresses.family(remote));
        this.remote = remote;
        this.connected = connected;
    }

    static SocketOptions options(int family) {
        return family == Constants.AF_UNIX ? SocketOptions.UNIX_STREAM : SocketOptions.TCP_STREAM;
    }

    @Override
    SocketOptions options() {
        return options(family);
    }

    /** Unless it was passed, no other process has it, so that closing it is one call. */
    @Override
    boolean isShared() {
        return shared;
    }

    @Override
    void share() {
        shared = true;
    }

    @Override
    IOException exception(int errno, String where) {
        return Errno.ofTransfer(errno, where);
    }

    // ---- connecting

    @Override
    public boolean finishConnect() throws IOException {
        begin();
        try {
            if (connected) {
                return true;
            }
            int error = SocketCalls.getInt(fd, Constants.SOL_SOCKET, Constants.SO_ERROR);
            if (error == 0) {
                connected = hasPeer();
                return connected;
            }
            throw Errno.exception(Math.abs(error), "connecting to " + Addresses.text(remote));
        } catch (IOException e) {
            close(false); // the loop finds it closed after the handler's run, whose exception is the cause
            throw e;
        } finally {
            end();
        }
    }

    private boolean hasPeer() throws IOException {
        try (Scratch scratch = Scratch.take()) {
            scratch.length.set(JAVA_INT, 0, SocketAddresses.MAX_BYTES);
            int result = Libc.Sockets.GETPEERNAME.call(
                    scratch.errno, fd, scratch.address.address(), scratch.length.address());
            if (result < 0 && result != -Errno.ENOTCONN) {
                throw Errno.exception(-result, "connecting to " + Addresses.text(remote));
            }
            return result == 0;
        }
    }

    // ---- reading and writing

    @Override
    public int read(ByteBuffer to) throws IOException {
        Buffers.writable(to);
        int got;
        begin();
        try {
            if (!connected) {
                throw new NotYetConnectedException();
            }
            if (!to.hasRemaining()) {
                return 0;
            }
            got = Buffers.read(Buffers.Kind.SOCKET, fd, to, Integer.MAX_VALUE);
        } finally {
            end();
        }
        return got > 0 ? got : received(got);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int put;
        beginWriting();
        try {
            if (!from.hasRemaining()) {
                return 0;
            }
            put = Buffers.write(Buffers.Kind.SOCKET, fd, from, Integer.MAX_VALUE);
        } finally {
            end();
        }
        return (int) transferred(put, "writing");
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        long put;
        beginWriting();
        try {
            put = Buffers.gather(fd, from, offset, length);
        } finally {
            end();
        }
        return transferred(put, "writing");
    }

    @Override
    public @Nullable SendableFile openFile(Path file) {
        return RegularFile.open(file);
    }

    @Override
    public long transferFrom(SendableFile file, long position, long count) throws IOException {
        if (!(file instanceof RegularFile own)) {
            throw new IllegalArgumentException("file: of another transport: " + file);
        }
        RegularFile.checkPart(position, count);
        long put;
        beginWriting();
        try {
            if (count == 0) {
                return 0;
            }
            put = own.sendTo(fd, position, count);
        } finally {
            end();
        }
        if (put == 0) {
            return -1;
        }
        return put > 0 ? put : transferred(put, "sending " + file + " on");
    }

    /** Begins a call of the writer, who ends it by {@link #end}, unless the stream can't be written. */
    private void beginWriting() throws ClosedChannelException {
        begin();
        if (!connected || outputShut) {
            end();
            if (!connected) {
                throw new NotYetConnectedException();
            }
            throw new ClosedChannelException();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (outputShut) {
            throw new SocketException("output is shut down already: " + this);
        }
        int result;
        beginWriting();
        try (Scratch scratch = Scratch.take()) {
            result = Libc.Sockets.SHUTDOWN.call(scratch.errno, fd, Constants.SHUT_WR);
        } finally {
            end();
        }
        if (result < 0) {
            throw failure(-result, "shutting down the output of");
        }
        outputShut = true;
    }

    // ---- state

    @Override
    public SocketAddress localAddress() {
        SocketAddress known = local;
        if (known == null && enter()) {
            try {
                known = SocketCalls.localAddress(fd);
            } catch (IOException e) {
                return remote; // as on the platform, for one that has failed
            } finally {
                end();
            }
            if (connected) {
                local = known;
            }
        }
        return known == null ? remote : known;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public String toString() {
        return (remote instanceof InetSocketAddress ? "tcp" : "unix") + " stream "
                + (isOpen() ? Addresses.text(localAddress()) : "(closed)") + " - " + Addresses.text(remote);
    }
}
