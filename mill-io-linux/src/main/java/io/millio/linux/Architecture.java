package io.millio.linux;

/**
 * What differs between processor architectures. Everything else that this package knows of the system is the same on the two
 * that it admits: both are little-endian with 64-bit pointers.
 *
 * <pre>
 *   os.arch   size of epoll_event   offset of its data   source
 *   amd64     12                    4                    uapi/linux/eventpoll.h: packed on x86-64 (EPOLL_PACKED)
 *   aarch64   16                    8                    the same: natural alignment elsewhere; not tested here
 * </pre>
 */
final class Architecture {
    private static final boolean PACKED = System.getProperty("os.arch", "").equals("amd64");

    static final int EPOLL_EVENT_BYTES = PACKED ? 12 : 16;
    static final int EPOLL_EVENT_DATA = PACKED ? 4 : 8;

    private Architecture() {}

    static boolean isKnown(String osArch) {
        return osArch.equals("amd64") || osArch.equals("aarch64");
    }
}
