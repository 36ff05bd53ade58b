package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.millio.internal.UnixSocketFile;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes sockets: the steps from {@code socket(2)} to one that listens or connects. Stateless; any thread. */
final class SocketOpener {
    private static final int FLAGS = Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC;
    private static final int OWNER_ONLY = 0600;

    private SocketOpener() {}

    // ---- steps

    /** A new non-blocking socket. */
    static int open(int family, int type, String what) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            return checked(SocketCalls.socket(scratch.errno, family, type | FLAGS), what);
        }
    }

    static int checked(int result, String what) throws IOException {
        if (result < 0) {
            throw Errno.exception(-result, what);
        }
        return result;
    }

    static void switchOn(int fd, int level, int option, int value, String what) throws IOException {
        checked(trySet(fd, level, option, value), what);
    }

    static int trySet(int fd, int level, int option, int value) {
        try (Scratch scratch = Scratch.take()) {
            scratch.value.set(JAVA_INT, 0, value);
            return SocketCalls.setsockopt(scratch.errno, fd, level, option, scratch.value.address(), Integer.BYTES);
        }
    }

    static void bind(int fd, int family, InetSocketAddress to, String what) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            int length = SocketAddresses.encode(to, family, scratch.address);
            checked(SocketCalls.bind(scratch.errno, fd, scratch.address.address(), length), what);
        }
    }

    private static void listen(int fd, int backlog, String what) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            checked(SocketCalls.listen(scratch.errno, fd, backlog), what);
        }
    }

    /** Whether a socket of IPv6 can be had, and bound; found when it is first asked for. */
    private static final class Newer {
        static final boolean AVAILABLE = !Boolean.getBoolean("java.net.preferIPv4Stack") && bindsAnywhere();

        private static boolean bindsAnywhere() {
            try (Scratch scratch = Scratch.take()) {
                int fd = SocketCalls.socket(scratch.errno, Constants.AF_INET6, Constants.SOCK_STREAM | FLAGS);
                if (fd < 0) {
                    return false;
                }
                int length = SocketAddresses.encode(new InetSocketAddress(0), Constants.AF_INET6, scratch.address);
                int result = SocketCalls.bind(scratch.errno, fd, scratch.address.address(), length);
                FileCalls.close(scratch.errno, fd);
                return result == 0;
            }
        }
    }

    // ---- listening

    /** On any address of this machine a socket of IPv6 serves both. */
    static EpollListener listen(InetSocketAddress address, int backlog, Set<SocketOption<Boolean>> switchedOn)
            throws IOException {
        boolean both = address.getAddress().isAnyLocalAddress() && Newer.AVAILABLE;
        int family = both ? Constants.AF_INET6 : SocketAddresses.family(address);
        String what = "listening on " + SocketAddresses.text(address);
        int fd = open(family, Constants.SOCK_STREAM, what);
        try {
            switchOn(fd, Constants.SOL_SOCKET, Constants.SO_REUSEADDR, 1, what);
            switchOn(fd, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1, what);
            if (family == Constants.AF_INET6) {
                switchOn(fd, Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY, both ? 0 : 1, what);
            }
            for (SocketOption<Boolean> option : switchedOn) {
                SocketOptions.TCP_LISTENER.set(fd, family, option, Boolean.TRUE, what);
            }
            bind(fd, family, address, what);
            listen(fd, backlog, what);
            return new EpollListener(fd, family, orElse(SocketAddresses.ofSocket(fd), address), null);
        } catch (IOException | RuntimeException e) {
            FileCalls.closeQuietly(fd);
            throw e;
        }
    }

    static SocketAddress orElse(@Nullable SocketAddress found, SocketAddress other) {
        return found == null ? other : found;
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
            checked(SocketCalls.fchmod(scratch.errno, fd, OWNER_ONLY), what);
            int length = SocketAddresses.encode(address, scratch.address);
            checked(SocketCalls.bind(scratch.errno, fd, scratch.address.address(), length), what);
            file = UnixSocketFile.at(address.getPath());
            listen(fd, backlog, what);
            return new EpollListener(fd, Constants.AF_UNIX, address, file);
        } catch (IOException | RuntimeException e) {
            FileCalls.closeQuietly(fd);
            if (file != null) {
                file.unlink();
            }
            throw e;
        }
    }

    /** Whether the file is a socket that nobody listens on: left over from a process that ended without closing it. */
    private static boolean isStale(UnixDomainSocketAddress address) throws IOException {
        if (!UnixSocketFile.isSpecial(address.getPath())) {
            return false;
        }
        int fd = open(Constants.AF_UNIX, Constants.SOCK_STREAM, "looking for a listener on " + address);
        try (Scratch scratch = Scratch.take()) {
            int length = SocketAddresses.encode(address, scratch.address);
            return SocketCalls.connect(scratch.errno, fd, scratch.address.address(), length) == -Errno.ECONNREFUSED;
        } finally {
            FileCalls.closeQuietly(fd);
        }
    }

    // ---- connecting

    static EpollStream connect(InetSocketAddress remote) throws IOException {
        String what = "connecting to " + SocketAddresses.text(remote);
        int family = SocketAddresses.family(remote);
        int fd = open(family, Constants.SOCK_STREAM, what);
        try (Scratch scratch = Scratch.take()) {
            switchOn(fd, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1, what);
            return connect(fd, remote, SocketAddresses.encode(remote, family, scratch.address), scratch, what);
        } catch (IOException | RuntimeException e) {
            FileCalls.closeQuietly(fd);
            throw e;
        }
    }

    static EpollStream connect(UnixDomainSocketAddress remote) throws IOException {
        String what = "connecting to " + remote;
        int fd = open(Constants.AF_UNIX, Constants.SOCK_STREAM, what);
        try (Scratch scratch = Scratch.take()) {
            return connect(fd, remote, SocketAddresses.encode(remote, scratch.address), scratch, what);
        } catch (IOException | RuntimeException e) {
            FileCalls.closeQuietly(fd);
            throw e;
        }
    }

    private static EpollStream connect(int fd, SocketAddress remote, int length, Scratch scratch, String what)
            throws IOException {
        int result = SocketCalls.connect(scratch.errno, fd, scratch.address.address(), length);
        if (result < 0 && result != -Errno.EINPROGRESS && result != -Errno.EINTR) {
            throw Errno.exception(-result, what);
        }
        return new EpollStream(fd, remote, false); // if it ended at once, it is writable at once: one path for both
    }
}
