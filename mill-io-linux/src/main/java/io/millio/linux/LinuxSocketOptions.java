package io.millio.linux;

import java.net.SocketOption;

/**
 * Options of sockets that only Linux has; for the sockets of the epoll transport. Those of
 * {@link java.net.StandardSocketOptions} and {@code jdk.net.ExtendedSocketOptions} work there too.
 */
public final class LinuxSocketOptions {
    /**
     * For how many seconds a connection that has sent nothing stays with the system before it is accepted all the same;
     * 0: not at all. Of a listener; rounded to what the system can.
     */
    public static final SocketOption<Integer> TCP_DEFER_ACCEPT = new Option<>("TCP_DEFER_ACCEPT", Integer.class);

    /**
     * After how many milliseconds a connection ends whose peer confirms nothing of what was sent; 0: the system's
     * choice.
     */
    public static final SocketOption<Integer> TCP_USER_TIMEOUT = new Option<>("TCP_USER_TIMEOUT", Integer.class);

    /** Whether what comes is confirmed at once, until the system finds otherwise. */
    public static final SocketOption<Boolean> TCP_QUICKACK = new Option<>("TCP_QUICKACK", Boolean.class);

    /** After how many seconds of silence the peer is probed, with {@code SO_KEEPALIVE}. */
    public static final SocketOption<Integer> TCP_KEEPIDLE = new Option<>("TCP_KEEPIDLE", Integer.class);

    /** How many seconds there are between probes. */
    public static final SocketOption<Integer> TCP_KEEPINTERVAL = new Option<>("TCP_KEEPINTERVAL", Integer.class);

    /** How many probes in a row must fail. */
    public static final SocketOption<Integer> TCP_KEEPCOUNT = new Option<>("TCP_KEEPCOUNT", Integer.class);

    /** On which processor the last packet came; set on a listener of several that share a port, which one it serves. */
    public static final SocketOption<Integer> SO_INCOMING_CPU = new Option<>("SO_INCOMING_CPU", Integer.class);

    private LinuxSocketOptions() {}

    private record Option<T>(String name, Class<T> type) implements SocketOption<T> {
        @Override
        public String toString() {
            return name;
        }
    }
}
