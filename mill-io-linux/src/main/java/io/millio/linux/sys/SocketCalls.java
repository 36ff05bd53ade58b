package io.millio.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Calls on a socket whose arguments are numbers and addresses of Java. Stateless; any thread. */
public final class SocketCalls {
    private static final int FLAGS = Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC;

    private SocketCalls() {}

    /** Opens a non-blocking socket; returns its descriptor, or errno negated. */
    public static int open(int family, int type) {
        try (Scratch scratch = Scratch.take()) {
            return Libc.Sockets.SOCKET.call(scratch.errno, family, type | FLAGS);
        }
    }

    /** Binds a socket to an address; returns 0, or errno negated. */
    public static int bind(int fd, int family, SocketAddress to) throws IOException {
        return withAddress(Libc.Sockets.BIND, fd, family, to);
    }

    /** Begins to connect a socket; returns 0, or errno negated. */
    public static int connect(int fd, int family, SocketAddress to) throws IOException {
        return withAddress(Libc.Sockets.CONNECT, fd, family, to);
    }

    private static int withAddress(Function function, int fd, int family, SocketAddress to) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            int length = SocketAddresses.encode(to, family, scratch.address);
            return function.call(scratch.errno, fd, scratch.address.address(), length);
        }
    }

    /** Marks a socket as one that accepts connections; returns 0, or errno negated. */
    public static int listen(int fd, int backlog) {
        try (Scratch scratch = Scratch.take()) {
            return Libc.Sockets.LISTEN.call(scratch.errno, fd, backlog);
        }
    }

    /** Sets the permissions that the file of a Unix-domain socket will have; returns 0, or errno negated. */
    public static int setMode(int fd, int mode) {
        try (Scratch scratch = Scratch.take()) {
            return Libc.Sockets.FCHMOD.call(scratch.errno, fd, mode);
        }
    }

    /** Returns an option of type {@code int} that is never negative, or errno negated. */
    public static int getInt(int fd, int level, int option) {
        try (Scratch scratch = Scratch.take()) {
            scratch.length.set(JAVA_INT, 0, Integer.BYTES);
            int result = Libc.Sockets.GETSOCKOPT.call(
                    scratch.errno, fd, level, option, scratch.value.address(), scratch.length.address());
            return result < 0 ? result : scratch.value.get(JAVA_INT, 0);
        }
    }

    /** Sets an option of type {@code int}; returns 0, or errno negated. */
    public static int setInt(int fd, int level, int option, int value) {
        try (Scratch scratch = Scratch.take()) {
            scratch.value.set(JAVA_INT, 0, value);
            return Libc.Sockets.SETSOCKOPT.call(
                    scratch.errno, fd, level, option, scratch.value.address(), Integer.BYTES);
        }
    }

    /** Returns the address of this side of a socket; null if it has none. */
    public static @Nullable SocketAddress localAddress(int fd) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            scratch.length.set(JAVA_INT, 0, SocketAddresses.MAX_BYTES);
            int result = Libc.Sockets.GETSOCKNAME.call(
                    scratch.errno, fd, scratch.address.address(), scratch.length.address());
            Errno.checkSocket(result, "asking for the address of a socket");
            return SocketAddresses.decode(scratch.address, scratch.length.get(JAVA_INT, 0));
        }
    }

    /** Returns the address of the other side of a socket; null if it is not connected, or no longer. */
    public static @Nullable SocketAddress remoteAddress(int fd) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            scratch.length.set(JAVA_INT, 0, SocketAddresses.MAX_BYTES);
            int result = Libc.Sockets.GETPEERNAME.call(
                    scratch.errno, fd, scratch.address.address(), scratch.length.address());
            if (result == -Errno.ENOTCONN) {
                return null;
            }
            Errno.checkSocket(result, "asking for the peer's address of a socket");
            return SocketAddresses.decode(scratch.address, scratch.length.get(JAVA_INT, 0));
        }
    }

    /** Returns the user of the process at the other end of a Unix-domain stream, when it connected or listened. */
    public static int peerUser(int fd) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            scratch.length.set(JAVA_INT, 0, Layouts.UCRED_SIZE);
            int result = Libc.Sockets.GETSOCKOPT.call(
                    scratch.errno,
                    fd,
                    Constants.SOL_SOCKET,
                    Constants.SO_PEERCRED,
                    scratch.value.address(),
                    scratch.length.address());
            Errno.checkSocket(result, "asking for the user of a peer");
            return scratch.value.get(JAVA_INT, Layouts.UCRED__UID);
        }
    }

    /** Returns the effective user of this process. */
    public static int ownUser() {
        try (Scratch scratch = Scratch.take()) {
            // Never fails; a user of -1 is none.
            return (int) Libc.Passing.GETEUID.transfer(scratch.errno, 0, 0, 0, 0, 0, 0);
        }
    }
}
