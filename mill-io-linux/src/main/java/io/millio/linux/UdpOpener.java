package io.millio.linux;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.util.Set;

/** Makes datagram sockets. Stateless; any thread. */
final class UdpOpener {
    private UdpOpener() {}

    /** One of the family of its address, not of both: multicast needs that. */
    static EpollUdpSocket open(InetSocketAddress at, Set<SocketOption<Boolean>> switchedOn) throws IOException {
        String what = "opening a datagram socket on " + SocketAddresses.text(at);
        int family = SocketAddresses.family(at);
        int fd = SocketOpener.open(family, Constants.SOCK_DGRAM, what);
        try {
            onlyOwnGroups(fd, family);
            if (family == Constants.AF_INET6) {
                SocketOpener.switchOn(fd, Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY, 1, what);
            }
            for (SocketOption<Boolean> option : switchedOn) {
                SocketOptions.UDP.set(fd, family, option, Boolean.TRUE, what);
            }
            SocketOpener.bind(fd, family, at, what);
            InetSocketAddress bound = (InetSocketAddress) SocketOpener.orElse(SocketAddresses.ofSocket(fd), at);
            return new EpollUdpSocket(fd, family, bound);
        } catch (IOException | RuntimeException e) {
            FileCalls.closeQuietly(fd);
            throw e;
        }
    }

    /**
     * Else it hears all groups that any socket of the machine has joined. An old Linux does not know the one for IPv6.
     */
    private static void onlyOwnGroups(int fd, int family) {
        if (family == Constants.AF_INET) {
            SocketOpener.trySet(fd, Constants.IPPROTO_IP, Constants.IP_MULTICAST_ALL, 0);
        } else {
            SocketOpener.trySet(fd, Constants.IPPROTO_IPV6, Constants.IPV6_MULTICAST_ALL, 0);
        }
    }
}
