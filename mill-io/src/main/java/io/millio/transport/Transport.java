package io.millio.transport;

import io.millio.internal.SystemNanoClock;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A way to reach the system: it makes sockets, and the pollers that watch them. It knows nothing of loops and
 * registrations.
 *
 * <p>Every method is for any thread.
 */
public interface Transport {
    /** A short name: {@code nio}, {@code epoll}. */
    String name();

    /** Returns the optional capabilities of this transport. */
    Set<Capability> capabilities();

    /**
     * Returns its clock: nanoseconds since an arbitrary moment, never going back; compare by difference.
     * {@link System#nanoTime} unless the transport has a time of its own.
     */
    default LongSupplier nanoClock() {
        return SystemNanoClock.INSTANCE;
    }

    /**
     * Returns an object that stands for the process that its sockets belong to: state shared by all loops of a process,
     * a memory budget for instance, is looked up by it, and referenced weakly. The same for all transports, but a
     * simulated host is a process of its own.
     */
    default Object process() {
        return Transport.class;
    }

    /**
     * Opens a poller.
     *
     * @param eventCapacity the most sources that one poll reports, at least 1
     * @param nanoClock the clock of the deadlines of {@link Poller#poll}
     */
    Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException;

    /**
     * Opens a socket that listens; port 0 takes a free port. On systems with {@code SO_REUSEADDR} in the sense of Unix
     * that option is set, so that a server can be restarted at once.
     *
     * <p>A {@link java.net.UnixDomainSocketAddress} makes a Unix-domain listener. Its file is made for the owner only
     * (widen that with {@link java.nio.file.Files#setPosixFilePermissions}) and removed by {@link TcpListener#close};
     * one that was left over is replaced if it is a socket without a listener. On epoll one server at a time does that
     * in a directory. {@code java.nio} has no such lock: of two servers that are started at the same moment over one
     * stale file, each may replace it, and then only the later one is reached by it.
     *
     * @param backlog how many connections may wait to be accepted, at least 1; the system may cap it
     * @throws java.net.BindException if the address is in use or not of this machine
     * @throws java.net.UnknownHostException if the address is unresolved
     */
    default TcpListener openListener(SocketAddress address, int backlog) throws IOException {
        return openListener(address, backlog, SocketSettings.NONE);
    }

    /**
     * As {@link #openListener(SocketAddress, int)}, with options that are set before it is bound: {@code SO_REUSEPORT}
     * so that several listen on one port and the system spreads the connections, {@code SO_RCVBUF} for the streams that
     * it accepts, which inherit what the system lets them.
     *
     * @throws UnsupportedOperationException if the transport, or a socket of this kind, does not have one of the
     *     options
     * @throws IllegalArgumentException if a value is none of its option's
     */
    TcpListener openListener(SocketAddress address, int backlog, SocketSettings settings) throws IOException;

    /**
     * Opens a socket, over TCP with {@code TCP_NODELAY} on, and begins to connect it. It becomes writable when the
     * attempt has ended: then call {@link TcpStream#finishConnect}.
     *
     * @throws java.net.UnknownHostException if the address is unresolved
     */
    default TcpStream openStream(SocketAddress remote) throws IOException {
        return openStream(remote, null, SocketSettings.NONE);
    }

    /**
     * As {@link #openStream(SocketAddress)}, from a local address and with options that are set before it connects.
     *
     * @param local an internet address of this machine and of the remote one's family, whose port is mostly 0: any free
     *     one; null: the system chooses, as it always does for a Unix-domain socket
     * @throws java.net.BindException if the local address is in use or not of this machine
     * @throws IllegalArgumentException if the local address is of another family than the remote one, or if a value is
     *     none of its option's
     * @throws UnsupportedOperationException if the transport, or a socket of this kind, does not have one of the
     *     options
     */
    TcpStream openStream(SocketAddress remote, @Nullable SocketAddress local, SocketSettings settings)
            throws IOException;

    /**
     * Opens a datagram socket, of the family of its address; port 0 takes a free port.
     *
     * @param settings options to set before it is bound: {@code SO_REUSEADDR} so that several receive a multicast group
     * @throws java.net.BindException if the address is in use or not of this machine
     * @throws java.net.UnknownHostException if the address is unresolved
     */
    UdpSocket openUdp(SocketAddress local, SocketSettings settings) throws IOException;

    /**
     * Returns the best transport that this process can use, or the one that the system property
     * {@code millio.transport} names.
     *
     * @throws IllegalStateException if the named one can't be used; the message says why
     */
    static Transport best() {
        String forced = System.getProperty(TransportLookup.PROPERTY);
        return TransportLookup.choose(forced == null || forced.isBlank() ? null : forced.strip());
    }

    /**
     * Returns the transport of this name.
     *
     * @throws IllegalStateException if there is none, or it can't be used; the message says why
     */
    static Transport named(String name) {
        return TransportLookup.choose(Objects.requireNonNull(name, "name"));
    }

    /** Returns all transports that were found, best first, each unusable one with the reason. */
    static List<TransportStatus> available() {
        return TransportLookup.statuses();
    }
}
