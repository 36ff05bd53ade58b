package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Layouts;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.HashSet;
import java.util.Set;

/** The multicast groups that a socket is in. Any thread; joining and leaving are rare. */
final class Memberships {
    private record Membership(InetAddress group, NetworkInterface on) {}

    // Guarded by itself.
    private final Set<Membership> joined = new HashSet<>();

    /** Joins or leaves a group, for a socket that the caller uses. */
    void change(boolean join, int fd, int family, InetAddress group, NetworkInterface on) throws IOException {
        Membership membership = new Membership(group, on);
        synchronized (joined) {
            if (joined.contains(membership) == join) {
                throw new IllegalStateException(
                        "group: " + (join ? "joined already: " : "not joined: ") + group + " on " + on.getName());
            }
            if (join) {
                call(fd, family, membership, Constants.IP_ADD_MEMBERSHIP, Constants.IPV6_ADD_MEMBERSHIP, "joining");
                joined.add(membership);
            } else {
                call(fd, family, membership, Constants.IP_DROP_MEMBERSHIP, Constants.IPV6_DROP_MEMBERSHIP, "leaving");
                joined.remove(membership);
            }
        }
    }

    private static void call(int fd, int family, Membership which, int option, int newerOption, String what)
            throws IOException {
        byte[] group = which.group().getAddress();
        boolean older = group.length == 4;
        if (older != (family == Constants.AF_INET)) {
            throw new IllegalArgumentException(
                    "group: the socket is one of " + (older ? "IPv6" : "IPv4") + ": " + which.group());
        }
        try (Scratch scratch = Scratch.take()) {
            scratch.value.fill((byte) 0);
            MemorySegment.copy(group, 0, scratch.value, JAVA_BYTE, Layouts.IP_MREQN__IMR_MULTIADDR, group.length);
            int index = older ? Layouts.IP_MREQN__IMR_IFINDEX : Layouts.IPV6_MREQ__IPV6MR_INTERFACE;
            scratch.value.set(JAVA_INT, index, which.on().getIndex());
            int result = Libc.Sockets.SETSOCKOPT.call(
                    scratch.errno,
                    fd,
                    older ? Constants.IPPROTO_IP : Constants.IPPROTO_IPV6,
                    older ? option : newerOption,
                    scratch.value.address(),
                    older ? Layouts.IP_MREQN_SIZE : Layouts.IPV6_MREQ_SIZE);
            Errno.checkSocket(
                    result, what + " " + which.group() + " on " + which.on().getName());
        }
    }
}
