package io.millio.linux;

import static io.millio.linux.Libc.function;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Of sys/socket.h: what a server needs. */
final class SocketCalls {
    private static final MethodHandle SOCKET = function("socket");
    private static final MethodHandle BIND = function("bind");
    private static final MethodHandle LISTEN = function("listen");
    private static final MethodHandle ACCEPT4 = function("accept4");
    private static final MethodHandle CONNECT = function("connect");
    private static final MethodHandle SHUTDOWN = function("shutdown");
    private static final MethodHandle GETSOCKNAME = function("getsockname");
    private static final MethodHandle GETPEERNAME = function("getpeername");
    private static final MethodHandle GETSOCKOPT = function("getsockopt");
    private static final MethodHandle SETSOCKOPT = function("setsockopt");
    private static final MethodHandle FCHMOD = function("fchmod");

    private SocketCalls() {}

    /** {@code int socket(int domain, int type, int protocol)}. */
    static int socket(MemorySegment errno, int domain, int type) {
        return Libc.call(SOCKET, errno, domain, type, 0, 0, 0);
    }

    /** {@code int bind(int fd, const struct sockaddr *addr, socklen_t addrlen)}. */
    static int bind(MemorySegment errno, int fd, long address, int length) {
        return Libc.call(BIND, errno, fd, address, length, 0, 0);
    }

    /** {@code int listen(int fd, int backlog)}. */
    static int listen(MemorySegment errno, int fd, int backlog) {
        return Libc.call(LISTEN, errno, fd, backlog, 0, 0, 0);
    }

    /** {@code int accept4(int fd, struct sockaddr *addr, socklen_t *addrlen, int flags)}. */
    static int accept4(MemorySegment errno, int fd, long address, long length, int flags) {
        return Libc.call(ACCEPT4, errno, fd, address, length, flags, 0);
    }

    /** {@code int connect(int fd, const struct sockaddr *addr, socklen_t addrlen)}. */
    static int connect(MemorySegment errno, int fd, long address, int length) {
        return Libc.call(CONNECT, errno, fd, address, length, 0, 0);
    }

    /** {@code int shutdown(int fd, int how)}. */
    static int shutdown(MemorySegment errno, int fd, int how) {
        return Libc.call(SHUTDOWN, errno, fd, how, 0, 0, 0);
    }

    /** {@code int getsockname(int fd, struct sockaddr *addr, socklen_t *addrlen)}. */
    static int getsockname(MemorySegment errno, int fd, long address, long length) {
        return Libc.call(GETSOCKNAME, errno, fd, address, length, 0, 0);
    }

    /** {@code int getpeername(int fd, struct sockaddr *addr, socklen_t *addrlen)}. */
    static int getpeername(MemorySegment errno, int fd, long address, long length) {
        return Libc.call(GETPEERNAME, errno, fd, address, length, 0, 0);
    }

    /** {@code int getsockopt(int fd, int level, int optname, void *optval, socklen_t *optlen)}. */
    static int getsockopt(MemorySegment errno, int fd, int level, int name, long value, long length) {
        return Libc.call(GETSOCKOPT, errno, fd, level, name, value, length);
    }

    /** {@code int setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen)}. */
    static int setsockopt(MemorySegment errno, int fd, int level, int name, long value, int length) {
        return Libc.call(SETSOCKOPT, errno, fd, level, name, value, length);
    }

    /** {@code int fchmod(int fd, mode_t mode)}. */
    static int fchmod(MemorySegment errno, int fd, int mode) {
        return Libc.call(FCHMOD, errno, fd, mode, 0, 0, 0);
    }
}
