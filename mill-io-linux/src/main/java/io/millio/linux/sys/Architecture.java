package io.millio.linux.sys;

/**
 * What differs between processor architectures. Everything else that this package knows of the system is the same on
 * the two that it admits: both are little-endian with 64-bit pointers.
 *
 * <pre>
 *   os.arch   size of epoll_event   offset of its data   source
 *   amd64     12                    4                    uapi/linux/eventpoll.h: packed on x86-64 (EPOLL_PACKED)
 *   aarch64   16                    8                    the same: natural alignment elsewhere; not tested here
 *
 *   os.arch   recvfrom   sendto   epoll_pwait2   source
 *   amd64     45         44       441            arch/x86/entry/syscalls/syscall_64.tbl
 *   aarch64   207        206      441            uapi/asm-generic/unistd.h; not tested here
 * </pre>
 */
public final class Architecture {
    private static final boolean AMD64 = System.getProperty("os.arch", "").equals("amd64");

    public static final int EPOLL_EVENT_BYTES = AMD64 ? 12 : 16;
    public static final int EPOLL_EVENT_DATA = AMD64 ? 4 : 8;

    public static final int SYS_RECVFROM = AMD64 ? 45 : 207;
    public static final int SYS_SENDTO = AMD64 ? 44 : 206;
    public static final int SYS_EPOLL_PWAIT2 = 441;

    private Architecture() {}

    public static boolean isKnown(String osArch) {
        return osArch.equals("amd64") || osArch.equals("aarch64");
    }
}
