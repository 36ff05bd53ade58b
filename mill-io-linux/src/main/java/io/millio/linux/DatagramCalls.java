package io.millio.linux;

import static io.millio.linux.Libc.function;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Of sys/socket.h: what datagrams need. */
final class DatagramCalls {
    private static final MethodHandle RECVFROM = function("recvfrom");
    private static final MethodHandle SENDTO = function("sendto");
    private static final MethodHandle RECVMMSG = function("recvmmsg");
    private static final MethodHandle SENDMMSG = function("sendmmsg");

    private DatagramCalls() {}

    /**
     * {@code ssize_t recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *addr, socklen_t *addrlen)}.
     */
    static long recvfrom(MemorySegment errno, int fd, long buffer, long size, int flags, long address, long length) {
        try {
            return Libc.ofLong(
                    (long) RECVFROM.invokeExact(errno, (long) fd, buffer, size, (long) flags, address, length), errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }

    /**
     * {@code ssize_t sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *addr, socklen_t
     * len)}.
     */
    static long sendto(MemorySegment errno, int fd, long buffer, long size, long address, int length) {
        try {
            return Libc.ofLong(
                    (long) SENDTO.invokeExact(errno, (long) fd, buffer, size, 0L, address, (long) length), errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }

    /**
     * {@code int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout)}.
     */
    static int recvmmsg(MemorySegment errno, int fd, long messages, int count) {
        try {
            return Libc.ofInt((long) RECVMMSG.invokeExact(errno, (long) fd, messages, (long) count, 0L, 0L, 0L), errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }

    /** {@code int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)}. */
    static int sendmmsg(MemorySegment errno, int fd, long messages, int count) {
        try {
            return Libc.ofInt((long) SENDMMSG.invokeExact(errno, (long) fd, messages, (long) count, 0L, 0L, 0L), errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }
}
