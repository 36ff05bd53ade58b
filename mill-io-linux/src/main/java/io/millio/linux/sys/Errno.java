package io.millio.linux.sys;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;

/**
 * The numbers by which the system says why a call failed, under their names in {@code errno.h}, and the exceptions that
 * they become: of the classes that {@code java.nio} throws for the same. A test compares numbers and texts with a C
 * compiler's.
 */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOSPC = 28;
    public static final int EPIPE = 32;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int ENONET = 64;
    public static final int EPROTO = 71;
    public static final int EOVERFLOW = 75;
    public static final int EMSGSIZE = 90;
    public static final int ENOPROTOOPT = 92;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ECONNABORTED = 103;
    public static final int ENOTCONN = 107;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTDOWN = 112;
    public static final int EHOSTUNREACH = 113;
    public static final int EINPROGRESS = 115;

    private static final int MAX_MESSAGE_BYTES = 1024;

    private Errno() {}

    /** Returns what a number means, as the C library puts it. */
    public static String message(int errno) {
        try (Scratch scratch = Scratch.take()) {
            long text = Libc.Strings.STRERROR.transfer(scratch.errno, errno, 0, 0, 0, 0, 0);
            if (text <= 0) {
                return "errno " + errno;
            }
            MemorySegment memory = MemorySegment.ofAddress(text).reinterpret(MAX_MESSAGE_BYTES);
            return Text.read(memory, 0, MAX_MESSAGE_BYTES);
        }
    }

    /**
     * Returns whether accept4(2) failed for the one connection that it took, which died while it waited, or whose
     * network did; the errors that accept(2) lists as such, and a signal.
     */
    public static boolean isOfDeadConnection(int errno) {
        return switch (errno) {
            case EINTR,
                    ECONNABORTED,
                    EPROTO,
                    ENOPROTOOPT,
                    ENETDOWN,
                    ENETUNREACH,
                    EHOSTDOWN,
                    EHOSTUNREACH,
                    ENONET,
                    EOPNOTSUPP -> true;
            default -> false;
        };
    }

    /** The exception for a failed call on a socket; its message ends in where that was. */
    public static IOException exception(int errno, String where) {
        String text = message(errno) + ": " + where;
        return switch (errno) {
            case ECONNREFUSED, ETIMEDOUT, ENOTCONN -> new ConnectException(text);
            case EHOSTUNREACH -> new NoRouteToHostException(text);
            case EADDRINUSE, EADDRNOTAVAIL, EACCES -> new BindException(text);
            case EPIPE -> new IOException(text);
            default -> new SocketException(text);
        };
    }

    /** The exception for a failed read or write, whose time-outs are not those of a connection attempt. */
    public static IOException ofTransfer(int errno, String where) {
        return errno == ETIMEDOUT || errno == EACCES || errno == ENOTCONN
                ? new SocketException(message(errno) + ": " + where)
                : exception(errno, where);
    }

    /** Returns the result of a call on a socket that has not failed. */
    public static int checkSocket(int result, String where) throws IOException {
        if (result < 0) {
            throw exception(-result, where);
        }
        return result;
    }

    /** Returns the result of a call on what is no socket that has not failed. */
    public static long check(long result, String where) throws IOException {
        if (result < 0) {
            throw ofFile((int) -result, where);
        }
        return result;
    }

    /** The exception for a failed call on what is no socket. */
    public static IOException ofFile(int errno, String where) {
        return new IOException(message(errno) + ": " + where);
    }
}
