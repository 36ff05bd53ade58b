package io.millio.linux;

import static io.millio.linux.sys.Errno.checkSocket;

import io.millio.internal.Addresses;
import io.millio.internal.UnixSocketFile;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import io.millio.linux.sys.SocketAddresses;
import io.millio.linux.sys.SocketCalls;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.util.Set;

/** Makes sockets: the steps from {@code socket(2)} to one that listens, connects or is bound. Stateless; any thread. */
final class SocketOpener {
    private static final int OWNER_ONLY = 0600;

    private SocketOpener() {}

    // ---- steps

    private static int open(int family, int type, String what) throws IOException {
        return checkSocket(SocketCalls.open(family, type), what);
    }

    private static void set(int fd, int level, int option, int value, String what) throws IOException {
        checkSocket(SocketCalls.setInt(fd, level, option, value), what);
    }

    private static void set(
            int fd, int family, Set<SocketOption<Boolean>> switchedOn, SocketOptions options, String what)
            throws IOException {
        for (SocketOption<Boolean> option : switchedOn) {
            options.set(fd, family, option, Boolean.TRUE, what);
        }
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
                Libc.closeQuietly(fd);
            }
        }
    }

    // ---- listening

    /** On any address of this machine a socket of IPv6 serves both. */
    static EpollListener listen(InetSocketAddress address, int backlog, Set<SocketOption<Boolean>> switchedOn)
            throws IOException {
        boolean both = address.getAddress().isAnyLocalAddress() && Ipv6.AVAILABLE;
        int family = both ? Constants.AF_INET6 : SocketAddresses.family(address);
        String what = "listening on " + Addresses.text(address);
        int fd = open(family, Constants.SOCK_STREAM, what);
        try {
            set(fd, Constants.SOL_SOCKET, Constants.SO_REUSEADDR, 1, what);
            set(fd, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1, what);
            if (family == Constants.AF_INET6) {
                set(fd, Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY, both ? 0 : 1, what);
            }
            set(fd, family, switchedOn, SocketOptions.TCP_LISTENER, what);
            checkSocket(SocketCalls.bind(fd, family, address), what);
            checkSocket(SocketCalls.listen(fd, backlog), what);
            return new EpollListener(fd, family, localAddress(fd, address), null);
        } catch (IOException | RuntimeException e) {
            Libc.closeQuietly(fd);
            throw e;
        }
    }

    static EpollListener listen(UnixDomainSocketAddress address, int backlog) throws IOException {
        if (address.getPath().toString().isEmpty()) {
            throw new SocketException("address: a listener needs a path");
        }
        try {
            return listenAt(address, backlog);
        } catch (BindException e) {
            if (!isStale(address)) {
                throw e;
            }
            Files.deleteIfExists(address.getPath());
            return listenAt(address, backlog);
        }
    }

    private static EpollListener listenAt(UnixDomainSocketAddress address, int backlog) throws IOException {
        String what = "listening on " + address;
        int fd = open(Constants.AF_UNIX, Constants.SOCK_STREAM, what);
        UnixSocketFile file = null;
        try (Scratch scratch = Scratch.take()) {
            // The file will have the mode of the socket, so at no moment is it open to others.
            checkSocket(Libc.Sockets.FCHMOD.call(scratch.errno, fd, OWNER_ONLY), what);
            checkSocket(SocketCalls.bind(fd, Constants.AF_UNIX, address), what);
            file = UnixSocketFile.at(address.getPath());
            checkSocket(SocketCalls.listen(fd, backlog), what);
            return new EpollListener(fd, Constants.AF_UNIX, address, file);
        } catch (IOException | RuntimeException e) {
            Libc.closeQuietly(fd);
            if (file != null) {
                file.unlink();
            }
            throw e;
        }
    }

    /** Whether the file is a socket without a listener: left over from a process that ended without closing it. */
    private static boolean isStale(UnixDomainSocketAddress address) throws IOException {
        if (!UnixSocketFile.isSpecial(address.getPath())) {
            return false;
        }
        int fd = open(Constants.AF_UNIX, Constants.SOCK_STREAM, "looking for a listener on " + address);
        try {
            return SocketCalls.connect(fd, Constants.AF_UNIX, address) == -Errno.ECONNREFUSED;
        } finally {
            Libc.closeQuietly(fd);
        }
    }

    // ---- connecting

    static EpollStream connect(SocketAddress remote) throws IOException {
        String what = "connecting to " + Addresses.text(remote);
        boolean isTcp = remote instanceof InetSocketAddress;
        int family = isTcp ? SocketAddresses.family((InetSocketAddress) remote) : Constants.AF_UNIX;
        int fd = open(family, Constants.SOCK_STREAM, what);
        try {
            if (isTcp) {
                set(fd, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1, what);
            }
            int result = SocketCalls.connect(fd, family, remote);
            if (result != -Errno.EINPROGRESS && result != -Errno.EINTR) {
                checkSocket(result, what);
            }
            return new EpollStream(
                    fd, remote, false); // also if it is connected: it is writable then, one path for both
        } catch (IOException | RuntimeException e) {
            Libc.closeQuietly(fd);
            throw e;
        }
    }

    // ---- datagrams

    /** One of the family of its address, not of both: multicast needs that. */
    static EpollUdpSocket bind(InetSocketAddress at, Set<SocketOption<Boolean>> switchedOn) throws IOException {
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
            set(fd, family, switchedOn, SocketOptions.UDP, what);
            checkSocket(SocketCalls.bind(fd, family, at), what);
            return new EpollUdpSocket(fd, family, (InetSocketAddress) localAddress(fd, at));
        } catch (IOException | RuntimeException e) {
            Libc.closeQuietly(fd);
            throw e;
        }
    }
}
