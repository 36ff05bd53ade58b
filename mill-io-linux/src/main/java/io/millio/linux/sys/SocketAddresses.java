package io.millio.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.millio.internal.Addresses;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.file.InvalidPathException;
import org.jspecify.annotations.Nullable;

/** Turns addresses into {@code sockaddr_in}, {@code sockaddr_in6} and {@code sockaddr_un}, and back. Stateless. */
public final class SocketAddresses {
    /** Room for any of them. */
    public static final int MAX_BYTES = 128;

    private static final int MAPPED_PREFIX_BYTES = 12;

    private static final ValueLayout.OfShort PORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private SocketAddresses() {}

    /** The family that an address needs. */
    public static int family(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            return inet.getAddress() instanceof Inet4Address ? Constants.AF_INET : Constants.AF_INET6;
        }
        return Constants.AF_UNIX;
    }

    /**
     * Writes an address for a socket of a family; returns its length.
     *
     * @throws SocketException if it is the path of a Unix-domain socket and too long
     */
    public static int encode(SocketAddress address, int family, MemorySegment to) throws SocketException {
        return address instanceof UnixDomainSocketAddress unix
                ? encode(unix, to)
                : encode((InetSocketAddress) address, family, to);
    }

    private static int encode(InetSocketAddress address, int family, MemorySegment to) {
        InetAddress host = address.getAddress();
        byte[] bytes = host.getAddress();
        to.asSlice(0, Layouts.SOCKADDR_IN6_SIZE).fill((byte) 0);
        to.set(JAVA_SHORT_UNALIGNED, Layouts.SOCKADDR__SA_FAMILY, (short) family);
        to.set(PORT, Layouts.SOCKADDR_IN__SIN_PORT, (short) address.getPort());
        if (family == Constants.AF_INET) {
            if (bytes.length != 4) {
                throw new IllegalArgumentException("address: the socket is one of IPv4: " + Addresses.text(address));
            }
            MemorySegment.copy(bytes, 0, to, JAVA_BYTE, Layouts.SOCKADDR_IN__SIN_ADDR, bytes.length);
            return Layouts.SOCKADDR_IN_SIZE;
        }
        int at = Layouts.SOCKADDR_IN6__SIN6_ADDR;
        if (host instanceof Inet6Address newer) {
            MemorySegment.copy(bytes, 0, to, JAVA_BYTE, at, bytes.length);
            to.set(JAVA_INT_UNALIGNED, Layouts.SOCKADDR_IN6__SIN6_SCOPE_ID, newer.getScopeId());
        } else if (!host.isAnyLocalAddress()) {
            to.set(JAVA_SHORT_UNALIGNED, at + 10, (short) -1); // ::ffff:a.b.c.d
            MemorySegment.copy(bytes, 0, to, JAVA_BYTE, at + MAPPED_PREFIX_BYTES, bytes.length);
        }
        return Layouts.SOCKADDR_IN6_SIZE;
    }

    private static int encode(UnixDomainSocketAddress address, MemorySegment to) throws SocketException {
        byte[] bytes = FileNames.bytes(address.getPath());
        int room = Layouts.SOCKADDR_UN_SIZE - Layouts.SOCKADDR_UN__SUN_PATH - 1;
        if (bytes.length > room) {
            throw new SocketException(
                    "Unix domain path too long, " + bytes.length + " bytes of at most " + room + ": " + address);
        }
        to.asSlice(0, Layouts.SOCKADDR_UN_SIZE).fill((byte) 0);
        to.set(JAVA_SHORT_UNALIGNED, Layouts.SOCKADDR__SA_FAMILY, (short) Constants.AF_UNIX);
        MemorySegment.copy(bytes, 0, to, JAVA_BYTE, Layouts.SOCKADDR_UN__SUN_PATH, bytes.length);
        return Layouts.SOCKADDR_UN__SUN_PATH + bytes.length + 1;
    }

    /** The address that the system wrote; null if it is of no family that is known here. */
    public static @Nullable SocketAddress decode(MemorySegment from, int length) {
        if (length < Layouts.SOCKADDR_UN__SUN_PATH) {
            return null;
        }
        return switch (from.get(JAVA_SHORT_UNALIGNED, Layouts.SOCKADDR__SA_FAMILY)) {
            case Constants.AF_INET -> inet(from, Layouts.SOCKADDR_IN__SIN_ADDR, 4, 0);
            case Constants.AF_INET6 ->
                inet(
                        from,
                        Layouts.SOCKADDR_IN6__SIN6_ADDR,
                        16,
                        from.get(JAVA_INT_UNALIGNED, Layouts.SOCKADDR_IN6__SIN6_SCOPE_ID));
            case Constants.AF_UNIX -> unix(from, length);
            default -> null;
        };
    }

    private static InetSocketAddress inet(MemorySegment from, int at, int size, int scope) {
        byte[] bytes = new byte[size];
        MemorySegment.copy(from, JAVA_BYTE, at, bytes, 0, size);
        int port = Short.toUnsignedInt(from.get(PORT, Layouts.SOCKADDR_IN__SIN_PORT));
        try {
            InetAddress host = scope == 0
                    ? InetAddress.getByAddress(bytes) // which makes ::ffff:a.b.c.d one of IPv4
                    : Inet6Address.getByAddress(null, bytes, scope);
            return new InetSocketAddress(host, port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // only for other lengths
        }
    }

    /** One without a name, or with one that is not in the file system, has the empty path. */
    private static UnixDomainSocketAddress unix(MemorySegment from, int length) {
        int room = Math.min(length, Layouts.SOCKADDR_UN_SIZE) - Layouts.SOCKADDR_UN__SUN_PATH;
        try {
            return UnixDomainSocketAddress.of(Text.read(from, Layouts.SOCKADDR_UN__SUN_PATH, room));
        } catch (InvalidPathException e) {
            return UnixDomainSocketAddress.of(""); // not text in the encoding of this process
        }
    }
}
