package io.millio.linux;

import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Makes each system call that the transport can't do without once, before it is chosen: a kernel may be older than a
 * call, and a sandbox may refuse it with any error. Most are made on a descriptor that there is not, so that one which
 * is known here fails with EBADF. Stateless.
 */
final class SystemProbe {
    private static final int NONE = -1;

    /** Whether epoll_pwait2(2) is there: of Linux 5.11, and unknown to the profiles of some sandboxes still. */
    static final boolean WAITS_BY_NANOS = probesWaitByNanos();

    private SystemProbe() {}

    private static boolean probesWaitByNanos() {
        try (Scratch scratch = Scratch.take()) {
            scratch.value.fill((byte) 0);
            long events = scratch.bytesAddress();
            return -Errno.EBADF == Libc.epollWait(scratch.errno, NONE, events, 1, scratch.value.address());
        }
    }

    /** Returns why the transport can't be used, or null if it can. */
    static @Nullable String refusal() {
        try (Scratch scratch = Scratch.take()) {
            long memory = scratch.bytesAddress();
            String refused = refusal("accept4", Libc.Sockets.ACCEPT4.call(scratch.errno, NONE, 0, 0, 0));
            if (refused == null) {
                refused = refusal("recvfrom", Libc.recv(scratch.errno, NONE, memory, 1));
            }
            if (refused == null) {
                refused = refusal("sendto", Libc.send(scratch.errno, NONE, memory, 1));
            }
            if (refused == null) {
                refused = refusal(
                        "epoll_ctl",
                        Libc.Epoll.CTL.call(
                                scratch.errno, NONE, Constants.EPOLL_CTL_ADD, NONE, scratch.value.address()));
            }
            if (refused == null) {
                refused = opened("epoll_create1", Libc.Epoll.CREATE.call(scratch.errno, Constants.EPOLL_CLOEXEC));
            }
            if (refused == null) {
                refused = opened("eventfd2", Libc.Epoll.EVENTFD.call(scratch.errno, 0, Constants.EFD_CLOEXEC));
            }
            if (refused == null && !WAITS_BY_NANOS) {
                refused = refusal("epoll_wait", Libc.Epoll.WAIT.call(scratch.errno, NONE, memory, 1, 0));
            }
            return refused;
        }
    }

    private static @Nullable String opened(String call, int result) {
        if (result < 0) {
            return refusal(call, result);
        }
        Libc.close(result);
        return null;
    }

    /** A want of descriptors or memory passes, and is reported where something is opened. */
    private static @Nullable String refusal(String call, long result) {
        int errno = (int) -result;
        return switch (errno) {
            case Errno.EBADF, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.EINTR -> null;
            default -> "the system call " + call + " is refused: " + Errno.message(errno);
        };
    }
}
