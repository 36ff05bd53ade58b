package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.net.StandardSocketOptions.IP_MULTICAST_IF;
import static java.net.StandardSocketOptions.IP_MULTICAST_LOOP;
import static java.net.StandardSocketOptions.IP_MULTICAST_TTL;

import io.millio.internal.Arguments;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Layouts;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The options of a kind of socket: which the system has for it, and how it calls them. Immutable; any thread. */
final class SocketOptions {
    /** How a value is written. */
    private enum Form {
        FLAG,
        NUMBER,
        /** A number from 0 to 255. */
        BYTE,
        /** A number of bytes; the system doubles it for its own needs, and returns the double. */
        DOUBLED,
        LINGER,
        /** An interface, by its index. */
        INTERFACE
    }

    /** An option, and its level and name of setsockopt(2) for sockets of IPv4 or no IP at all, and of IPv6. */
    private record Known(
            int kinds, SocketOption<?> option, Form form, int level, int name, int newerLevel, int newerName) {}

    private static final int IPV4_BYTES = 4;
    private static final int MAX_BYTE = 255;
    private static final int MAX_LINGER_SECONDS = 65_535;

    // Which sockets have an option.
    private static final int UNIX_L = 1;
    private static final int UNIX_S = 1 << 1;
    private static final int TCP_L = 1 << 2;
    private static final int TCP_S = 1 << 3;
    private static final int DATAGRAM = 1 << 4;
    private static final int STREAM = UNIX_S | TCP_S;
    private static final int TCP = TCP_L | TCP_S;
    private static final int INTERNET = TCP | DATAGRAM;
    private static final int ALL = UNIX_L | UNIX_S | INTERNET;

    private static final int SOCKET = Constants.SOL_SOCKET;
    private static final int TCP_LEVEL = Constants.IPPROTO_TCP;

    private static final List<Known> TABLE = List.of(
            known(ALL, StandardSocketOptions.SO_RCVBUF, Form.DOUBLED, SOCKET, Constants.SO_RCVBUF),
            known(ALL, StandardSocketOptions.SO_SNDBUF, Form.DOUBLED, SOCKET, Constants.SO_SNDBUF),
            known(STREAM, StandardSocketOptions.SO_LINGER, Form.LINGER, SOCKET, Constants.SO_LINGER),
            known(INTERNET, StandardSocketOptions.SO_REUSEADDR, Form.FLAG, SOCKET, Constants.SO_REUSEADDR),
            known(INTERNET, StandardSocketOptions.SO_REUSEPORT, Form.FLAG, SOCKET, Constants.SO_REUSEPORT),
            known(INTERNET, LinuxSocketOptions.SO_INCOMING_CPU, Form.NUMBER, SOCKET, Constants.SO_INCOMING_CPU),
            known(TCP, StandardSocketOptions.SO_KEEPALIVE, Form.FLAG, SOCKET, Constants.SO_KEEPALIVE),
            known(TCP, StandardSocketOptions.TCP_NODELAY, Form.FLAG, TCP_LEVEL, Constants.TCP_NODELAY),
            known(TCP, LinuxSocketOptions.TCP_QUICKACK, Form.FLAG, TCP_LEVEL, Constants.TCP_QUICKACK),
            known(TCP, LinuxSocketOptions.TCP_KEEPIDLE, Form.NUMBER, TCP_LEVEL, Constants.TCP_KEEPIDLE),
            known(TCP, LinuxSocketOptions.TCP_KEEPINTERVAL, Form.NUMBER, TCP_LEVEL, Constants.TCP_KEEPINTVL),
            known(TCP, LinuxSocketOptions.TCP_KEEPCOUNT, Form.NUMBER, TCP_LEVEL, Constants.TCP_KEEPCNT),
            known(TCP, LinuxSocketOptions.TCP_DEFER_ACCEPT, Form.NUMBER, TCP_LEVEL, Constants.TCP_DEFER_ACCEPT),
            known(TCP, LinuxSocketOptions.TCP_USER_TIMEOUT, Form.NUMBER, TCP_LEVEL, Constants.TCP_USER_TIMEOUT),
            ip(TCP_S | DATAGRAM, StandardSocketOptions.IP_TOS, Form.BYTE, Constants.IP_TOS, Constants.IPV6_TCLASS),
            known(DATAGRAM, StandardSocketOptions.SO_BROADCAST, Form.FLAG, SOCKET, Constants.SO_BROADCAST),
            ip(DATAGRAM, IP_MULTICAST_TTL, Form.BYTE, Constants.IP_MULTICAST_TTL, Constants.IPV6_MULTICAST_HOPS),
            ip(DATAGRAM, IP_MULTICAST_LOOP, Form.FLAG, Constants.IP_MULTICAST_LOOP, Constants.IPV6_MULTICAST_LOOP),
            ip(DATAGRAM, IP_MULTICAST_IF, Form.INTERFACE, Constants.IP_MULTICAST_IF, Constants.IPV6_MULTICAST_IF));

    static final SocketOptions UNIX_LISTENER = new SocketOptions(UNIX_L);
    static final SocketOptions UNIX_STREAM = new SocketOptions(UNIX_S);
    static final SocketOptions TCP_LISTENER = new SocketOptions(TCP_L);
    static final SocketOptions TCP_STREAM = new SocketOptions(TCP_S);
    static final SocketOptions UDP = new SocketOptions(DATAGRAM);

    // By name, so that an option of the platform's and one of ours that mean the same are one.
    private final Map<String, Known> byName = new HashMap<>();

    private SocketOptions(int kind) {
        for (Known known : TABLE) {
            if ((known.kinds() & kind) != 0) {
                byName.put(known.option().name(), known);
            }
        }
    }

    private static Known known(int kinds, SocketOption<?> option, Form form, int level, int name) {
        return new Known(kinds, option, form, level, name, level, name);
    }

    private static Known ip(int kinds, SocketOption<?> option, Form form, int name, int newerName) {
        return new Known(kinds, option, form, Constants.IPPROTO_IP, name, Constants.IPPROTO_IPV6, newerName);
    }

    /** The options; those of the platform's extensions among them under the names that they have in both. */
    Set<SocketOption<?>> all() {
        return byName.values().stream().map(Known::option).collect(Collectors.toUnmodifiableSet());
    }

    private Known known(SocketOption<?> option) {
        Known known = byName.get(Objects.requireNonNull(option, "option").name());
        if (known == null || known.option().type() != option.type()) {
            throw new UnsupportedOperationException("option: " + option + " is not supported by this socket");
        }
        return known;
    }

    // ---- setting

    /** Sets an option of a socket that the caller uses. */
    <T> void set(int fd, int family, SocketOption<T> option, @Nullable T value, Object socket) throws IOException {
        Known known = known(option);
        try (Scratch scratch = Scratch.take()) {
            int length = write(known, value, family, scratch);
            boolean newer = family == Constants.AF_INET6;
            int result = Libc.Sockets.SETSOCKOPT.call(
                    scratch.errno,
                    fd,
                    newer ? known.newerLevel() : known.level(),
                    newer ? known.newerName() : known.name(),
                    scratch.value.address(),
                    length);
            if (result < 0) {
                throw Errno.exception(-result, "setting " + option + " of " + socket + " to " + value);
            }
        }
    }

    private static int write(Known known, @Nullable Object value, int family, Scratch scratch) {
        Objects.requireNonNull(value, () -> "value: null, for " + known.option());
        scratch.value.fill((byte) 0);
        String name = known.option().name();
        switch (known.form()) {
            case FLAG -> scratch.value.set(JAVA_INT, 0, (Boolean) value ? 1 : 0);
            case NUMBER, DOUBLED -> scratch.value.set(JAVA_INT, 0, Arguments.atLeast(0, (Integer) value, name));
            case BYTE -> scratch.value.set(JAVA_INT, 0, Arguments.between(0, (Integer) value, MAX_BYTE, name));
            case LINGER -> {
                int seconds = Math.min((Integer) value, MAX_LINGER_SECONDS);
                scratch.value.set(JAVA_INT, Layouts.LINGER__L_ONOFF, seconds < 0 ? 0 : 1);
                scratch.value.set(JAVA_INT, Layouts.LINGER__L_LINGER, Math.max(0, seconds));
                return Layouts.LINGER_SIZE;
            }
            case INTERFACE -> {
                NetworkInterface on = (NetworkInterface) value;
                if (family == Constants.AF_INET) {
                    scratch.value.set(JAVA_INT, Layouts.IP_MREQN__IMR_IFINDEX, on.getIndex());
                    // The system returns this address when it is asked, and nothing else.
                    MemorySegment.copy(
                            olderAddress(on), 0, scratch.value, JAVA_BYTE, Layouts.IP_MREQN__IMR_ADDRESS, IPV4_BYTES);
                    return Layouts.IP_MREQN_SIZE;
                }
                scratch.value.set(JAVA_INT, 0, on.getIndex());
            }
        }
        return Integer.BYTES;
    }

    private static byte[] olderAddress(NetworkInterface on) {
        return on.inetAddresses()
                .filter(Inet4Address.class::isInstance)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("interface: has no address of IPv4: " + on.getName()))
                .getAddress();
    }

    // ---- getting

    /** An option of a socket that the caller uses; null where it has no value. */
    <T> @Nullable T get(int fd, int family, SocketOption<T> option, Object socket) throws IOException {
        Known known = known(option);
        try (Scratch scratch = Scratch.take()) {
            scratch.value.fill((byte) 0);
            boolean newer = family == Constants.AF_INET6;
            scratch.length.set(JAVA_INT, 0, known.form() == Form.LINGER ? Layouts.LINGER_SIZE : Integer.BYTES);
            int result = Libc.Sockets.GETSOCKOPT.call(
                    scratch.errno,
                    fd,
                    newer ? known.newerLevel() : known.level(),
                    newer ? known.newerName() : known.name(),
                    scratch.value.address(),
                    scratch.length.address());
            if (result < 0) {
                throw Errno.exception(-result, "asking for " + option + " of " + socket);
            }
            return option.type().cast(read(known, family, scratch));
        }
    }

    private static @Nullable Object read(Known known, int family, Scratch scratch) throws IOException {
        int first = scratch.value.get(JAVA_INT, 0);
        return switch (known.form()) {
            case FLAG -> first != 0;
            case NUMBER, BYTE -> first;
            case DOUBLED -> first / 2;
            case LINGER -> first == 0 ? -1 : scratch.value.get(JAVA_INT, Layouts.LINGER__L_LINGER);
            case INTERFACE ->
                first == 0
                        ? null
                        : family == Constants.AF_INET
                                ? NetworkInterface.getByInetAddress(InetAddress.getByAddress(
                                        scratch.value.asSlice(0, IPV4_BYTES).toArray(JAVA_BYTE)))
                                : NetworkInterface.getByIndex(first);
        };
    }
}
