package io.millio.linux;

import static io.millio.linux.Libc.function;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Of sys/inotify.h. */
final class InotifyCalls {
    private static final MethodHandle INIT = function("inotify_init1");
    private static final MethodHandle ADD = function("inotify_add_watch");
    private static final MethodHandle REMOVE = function("inotify_rm_watch");

    private InotifyCalls() {}

    /** {@code int inotify_init1(int flags)}. */
    static int init(MemorySegment errno, int flags) {
        return Libc.call(INIT, errno, flags, 0, 0, 0, 0);
    }

    /** {@code int inotify_add_watch(int fd, const char *path, uint32_t mask)}. */
    static int add(MemorySegment errno, int fd, long path, int mask) {
        return Libc.call(ADD, errno, fd, path, mask, 0, 0);
    }

    /** {@code int inotify_rm_watch(int fd, int wd)}. */
    static int remove(MemorySegment errno, int fd, int watch) {
        return Libc.call(REMOVE, errno, fd, watch, 0, 0, 0);
    }
}
