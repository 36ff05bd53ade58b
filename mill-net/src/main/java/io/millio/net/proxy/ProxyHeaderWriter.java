package io.millio.net.proxy;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Writes {@link ProxyHeader}s. Pure functions. */
final class ProxyHeaderWriter {
    private static final int UNSPECIFIED = 0x00;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;
    private static final int UNIX = 0x31;

    private static final int CHECKSUM_BYTES = 4;

    private ProxyHeaderWriter() {}

    static byte[] bytes(ProxyHeader header) {
        return header.version() == 1 ? line(header).getBytes(StandardCharsets.US_ASCII) : binary(header);
    }

    // ---- version 1

    private static String line(ProxyHeader header) {
        if (!(header.source() instanceof InetSocketAddress from)
                || !(header.destination() instanceof InetSocketAddress to)) {
            return "PROXY UNKNOWN\r\n";
        }
        boolean six = family(header) == TCP6;
        return "PROXY " + (six ? "TCP6 " : "TCP4 ") + text(from, six) + " " + text(to, six) + " " + from.getPort() + " "
                + to.getPort() + "\r\n";
    }

    private static String text(InetSocketAddress address, boolean six) {
        InetAddress known = address.getAddress();
        if (six && known instanceof Inet4Address) {
            return "::ffff:" + known.getHostAddress();
        }
        try {
            return InetAddress.getByAddress(known.getAddress()).getHostAddress(); // without a scope
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // of 4 or 16 bytes
        }
    }

    // ---- version 2

    static int size(ProxyHeader header) {
        return ProxyHeader.FIXED_BYTES
                + switch (family(header)) {
                    case TCP4 -> 12;
                    case TCP6 -> 36;
                    case UNIX -> 2 * ProxyHeader.UNIX_PATH_BYTES;
                    default -> 0;
                }
                + header.rawTlvs().length
                + (header.hasChecksum() ? ProxyHeader.TLV_FIXED_BYTES + CHECKSUM_BYTES : 0);
    }

    /** Two bytes of the protocol in one: that of the addresses, and streams. */
    private static int family(ProxyHeader header) {
        if (header.source() instanceof InetSocketAddress from && header.destination() instanceof InetSocketAddress to) {
            return from.getAddress() instanceof Inet6Address || to.getAddress() instanceof Inet6Address ? TCP6 : TCP4;
        }
        return header.source() == null ? UNSPECIFIED : UNIX;
    }

    private static byte[] binary(ProxyHeader header) {
        int family = family(header);
        byte[] made = new byte[size(header)];
        ByteBuffer to = ByteBuffer.wrap(made);
        to.put(ProxyHeaderReader.SIGNATURE);
        to.put((byte) (header.isLocal() ? ProxyHeaderReader.LOCAL : ProxyHeaderReader.PROXY));
        to.put((byte) family);
        to.putShort((short) (made.length - ProxyHeader.FIXED_BYTES));
        if (family == UNIX) {
            putPath(to, header.source());
            putPath(to, header.destination());
        } else if (header.source() instanceof InetSocketAddress from
                && header.destination() instanceof InetSocketAddress at) {
            putAddress(to, from, family);
            putAddress(to, at, family);
            to.putShort((short) from.getPort()).putShort((short) at.getPort());
        }
        to.put(header.rawTlvs());
        if (header.hasChecksum()) {
            to.put((byte) ProxyHeader.CRC32C).putShort((short) CHECKSUM_BYTES);
            CRC32C sum = new CRC32C(); // of the header with zeros in its place
            sum.update(made);
            to.putInt((int) sum.getValue());
        }
        return made;
    }

    private static void putAddress(ByteBuffer to, InetSocketAddress address, int family) {
        byte[] known = address.getAddress().getAddress();
        if (family == TCP6 && known.length == 4) {
            to.position(to.position() + 10).putShort((short) 0xffff); // mapped
        }
        to.put(known);
    }

    private static void putPath(ByteBuffer to, @Nullable SocketAddress address) {
        int end = to.position() + ProxyHeader.UNIX_PATH_BYTES;
        if (address instanceof UnixDomainSocketAddress unix) {
            to.put(ProxyHeader.path(unix));
        }
        to.position(end);
    }
}
