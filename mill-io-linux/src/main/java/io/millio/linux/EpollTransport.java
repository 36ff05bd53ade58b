package io.millio.linux;

import static io.millio.linux.sys.Errno.checkSocket;

import io.millio.internal.Addresses;
import io.millio.internal.Arguments;
import io.millio.internal.BacklogFullException;
import io.millio.internal.UnixSocketFile;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.SocketAddresses;
import io.millio.linux.sys.SocketCalls;
import io.millio.transport.Capability;
import io.millio.transport.Poller;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sockets of the system and epoll: the steps from {@code socket(2)} to a socket that listens, connects or is bound.
 * Stateless; any thread.
 */
final class EpollTransport implements Transport {
    static final String NAME = "epoll";
    static final EpollTransport INSTANCE = new EpollTransport();

    private static final int OWNER_ONLY = 0600;

    private EpollTransport() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.HANG_UP);
    }

    @Override
    public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        Arguments.atLeast(1, eventCapacity, "eventCapacity");
        Objects.requireNonNull(nanoClock, "nanoClock");
        return new EpollPoller(eventCapacity, nanoClock);
    }

    // ---- steps

    private static int open(int family, int type, String what) throws IOException {
        return checkSocket(SocketCalls.open(family, type), what);
    }

    private static void set(int fd, int level, int option, int value, String what) throws IOException {
        checkSocket(SocketCalls.setInt(fd, level, option, value), what);
    }

    private static void set(int fd, int family, SocketSettings settings, SocketOptions options, String what)
            throws IOException {
        for (SocketOption<?> option : settings.options()) {
            set(fd, family, option, settings, options, what);
        }
    }

    private static <T> void set(
            int fd, int family, SocketOption<T> option, SocketSettings from, SocketOptions options, String what)
            throws IOException {
        options.set(fd, family, option, from.get(option), what);
    }

    /** Returns the address that the system gave a socket, or the one that was asked for. */
    static SocketAddress localAddress(int fd, SocketAddress other) throws IOException {
        SocketAddress found = SocketCalls.localAddress(fd);
        return found == null ? other : found;
    }

    /** Whether a socket of IPv6 can be opened and bound; found when it is first asked for. */
    private static final class Ipv6 {
        static final boolean AVAILABLE = !Boolean.getBoolean("java.net.preferIPv4Stack") && bindsAnywhere();

        private static boolean bindsAnywhere() {
            int fd = SocketCalls.open(Constants.AF_INET6, Constants.SOCK_STREAM);
            if (fd < 0) {
                return false;
            }
            try {
                return SocketCalls.bind(fd, Constants.AF_INET6, new InetSocketAddress(0)) == 0;
            } catch (IOException e) {
                return false;
            } finally {
                Libc.close(fd);
            }
        }
    }

    // ---- listening

    @Override
    public TcpListener openListener(SocketAddress address, int backlog, SocketSettings settings) throws IOException {
        Objects.requireNonNull(settings, "settings");
        Arguments.atLeast(1, backlog, "backlog");
        if (!(address instanceof UnixDomainSocketAddress unix)) {
            return listen(Addresses.resolved(address, "address"), backlog, settings);
        }
        if (unix.getPath().toString().isEmpty()) {
            throw new SocketException("address: a listener needs a path");
        }
        // So that no other server takes the file for a stale one before it listens, or deletes it for an older one's.
        DirectoryLock lock = DirectoryLock.take(unix.getPath());
        try {
            return UnixSocketFile.openOverStale(unix, () -> listen(unix, backlog, settings));
        } finally {
            lock.release();
        }
    }

    /** On any address of this machine a socket of IPv6 serves both. */
    private static EpollListener listen(SocketAddress address, int backlog, SocketSettings settings)
            throws IOException {
        boolean both =
                address instanceof InetSocketAddress inet && inet.getAddress().isAnyLocalAddress() && Ipv6.AVAILABLE;
        int family = both ? Constants.AF_INET6 : SocketAddresses.family(address);
        String what = "listening on " + Addresses.text(address);
        int fd = open(family, Constants.SOCK_STREAM, what);
        UnixSocketFile file = null;
        try {
            if (family == Constants.AF_UNIX) {
                // The file will have the mode of the socket, so at no moment is it open to others.
                checkSocket(SocketCalls.setMode(fd, OWNER_ONLY), what);
            } else {
                set(fd, Constants.SOL_SOCKET, Constants.SO_REUSEADDR, 1, what);
                set(fd, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1, what);
            }
            if (family == Constants.AF_INET6) {
                set(fd, Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY, both ? 0 : 1, what);
            }
            set(fd, family, settings, EpollListener.options(family), what);
            checkSocket(SocketCalls.bind(fd, family, address), what);
            if (address instanceof UnixDomainSocketAddress unix) {
                file = UnixSocketFile.at(unix.getPath());
            }
            checkSocket(SocketCalls.listen(fd, backlog), what);
            return new EpollListener(fd, family, file == null ? localAddress(fd, address) : address, file);
        } catch (IOException | RuntimeException e) {
            Libc.close(fd);
            if (file != null) {
                file.unlink();
            }
            throw e;
        }
    }

    // ---- connecting

    @Override
    public TcpStream openStream(SocketAddress remote, @Nullable SocketAddress local, SocketSettings settings)
            throws IOException {
        Objects.requireNonNull(settings, "settings");
        SocketAddress to = remote instanceof UnixDomainSocketAddress ? remote : Addresses.resolved(remote, "remote");
        InetSocketAddress from = Addresses.localFor(to, local);
        String what = "connecting to " + Addresses.text(to) + (from == null ? "" : " from " + Addresses.text(from));
        int family = SocketAddresses.family(to);
        int fd = open(family, Constants.SOCK_STREAM, what);
        try {
            if (family != Constants.AF_UNIX) {
                set(fd, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1, what);
            }
            set(fd, family, settings, EpollStream.options(family), what);
            if (from != null) {
                // Port 0 is chosen as it connects, so that it need not be free but towards this one destination. An old
                // Linux has no such option, so a failure is no matter.
                SocketCalls.setInt(fd, Constants.IPPROTO_IP, Constants.IP_BIND_ADDRESS_NO_PORT, 1);
                checkSocket(SocketCalls.bind(fd, family, from), what);
            }
            int result = SocketCalls.connect(fd, family, to);
            if (result == -Errno.EAGAIN && family == Constants.AF_UNIX) {
                throw new BacklogFullException(what);
            }
            if (result != -Errno.EINPROGRESS && result != -Errno.EINTR) {
                checkSocket(result, what);
            }
            return new EpollStream(fd, to, false); // also if it is connected: it is writable then, one path for both
        } catch (IOException | RuntimeException e) {
            Libc.close(fd);
            throw e;
        }
    }

    // ---- datagrams

    /** One of the family of its address, not of both: multicast needs that. */
    @Override
    public UdpSocket openUdp(SocketAddress local, SocketSettings settings) throws IOException {
        InetSocketAddress at = Addresses.resolved(local, "local");
        Objects.requireNonNull(settings, "settings");
        String what = "opening a datagram socket on " + Addresses.text(at);
        int family = SocketAddresses.family(at);
        int fd = open(family, Constants.SOCK_DGRAM, what);
        try {
            // Else it hears all groups that any socket of the machine has joined. An old Linux has no such option for
            // IPv6, so a failure is no matter.
            if (family == Constants.AF_INET) {
                SocketCalls.setInt(fd, Constants.IPPROTO_IP, Constants.IP_MULTICAST_ALL, 0);
            } else {
                SocketCalls.setInt(fd, Constants.IPPROTO_IPV6, Constants.IPV6_MULTICAST_ALL, 0);
                set(fd, Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY, 1, what);
            }
            set(fd, family, settings, SocketOptions.UDP, what);
            checkSocket(SocketCalls.bind(fd, family, at), what);
            return new EpollUdpSocket(fd, family, (InetSocketAddress) localAddress(fd, at));
        } catch (IOException | RuntimeException e) {
            Libc.close(fd);
            throw e;
        }
    }
}
