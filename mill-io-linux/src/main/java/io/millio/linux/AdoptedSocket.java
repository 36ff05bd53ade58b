package io.millio.linux;

import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.SocketCalls;
import io.millio.transport.Source;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** Makes sources of descriptors that other processes opened. Stateless; any thread. A failure leaves them open. */
final class AdoptedSocket {
    private AdoptedSocket() {}

    /** Returns a listener or a datagram socket; an {@link IOException} if the descriptor is anything else. */
    static Source withoutPeer(int fd) throws IOException {
        return of(fd, false);
    }

    /** Returns a listener, a stream or a datagram socket; an {@link IOException} if it is anything else. */
    static Source any(int fd) throws IOException {
        return of(fd, true);
    }

    private static Source of(int fd, boolean streams) throws IOException {
        String what = "taking over descriptor " + fd;
        int type = option(fd, Constants.SO_TYPE, what);
        SocketAddress local = SocketCalls.localAddress(fd);
        int family = option(fd, Constants.SO_DOMAIN, what);
        int flags = Fd.fcntl(fd, Constants.F_GETFL, 0, what);
        Fd.fcntl(fd, Constants.F_SETFL, flags | Constants.O_NONBLOCK, what);
        Fd.fcntl(fd, Constants.F_SETFD, Constants.FD_CLOEXEC, what);
        if (type == Constants.SOCK_STREAM && local != null) {
            if (option(fd, Constants.SO_ACCEPTCONN, what) != 0) {
                return listener(fd, family, local, what);
            }
            if (streams) {
                return stream(fd, local);
            }
        }
        if (type == Constants.SOCK_DGRAM && local instanceof InetSocketAddress bound) {
            return datagrams(fd, family, bound);
        }
        throw new IOException(what + ": neither a listening nor a datagram socket" + (streams ? " nor a stream" : ""));
    }

    private static Source listener(int fd, int family, SocketAddress local, String what) throws IOException {
        if (local instanceof InetSocketAddress) {
            Errno.checkSocket(SocketCalls.setInt(fd, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1), what);
        }
        return new EpollListener(fd, family, local, null);
    }

    /** One whose peer has reset it has no peer's address any more: its next read says so. */
    private static Source stream(int fd, SocketAddress local) throws IOException {
        SocketAddress remote = SocketCalls.remoteAddress(fd);
        if (remote == null) {
            remote = local instanceof InetSocketAddress ? new InetSocketAddress(0) : UnixDomainSocketAddress.of("");
        }
        EpollStream stream = new EpollStream(fd, remote, true);
        stream.share(); // the process that passed it may have it still
        return stream;
    }

    private static Source datagrams(int fd, int family, InetSocketAddress bound) throws IOException {
        SocketAddress remote = SocketCalls.remoteAddress(fd);
        EpollUdpSocket socket = new EpollUdpSocket(fd, family, bound);
        if (remote != null) {
            socket.connect(remote); // once more, to the same peer
        }
        return socket;
    }

    private static int option(int fd, int option, String what) throws IOException {
        return Errno.checkSocket(SocketCalls.getInt(fd, Constants.SOL_SOCKET, option), what);
    }
}
