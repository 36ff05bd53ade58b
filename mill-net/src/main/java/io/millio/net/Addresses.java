package io.millio.net;

import io.millio.transport.TcpStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;

/** Addresses as people write them. */
final class Addresses {
    private Addresses() {}

    /** {@code 127.0.0.1:80}, {@code [::1]:80}, {@code name:80}, or the path of a Unix-domain socket. */
    static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            String host = inet.getAddress() == null
                    ? inet.getHostString()
                    : inet.getAddress().getHostAddress();
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
        }
        return address.toString();
    }

    /** Returns the first bits of an IPv6 address, the others zero; of IPv4 the whole address. */
    static InetAddress prefix(InetAddress address, int ipv6Bits) {
        byte[] bytes = address.getAddress();
        if (bytes.length != 16 || ipv6Bits >= 128) {
            return address;
        }
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.max(0, Math.min(8, ipv6Bits - 8 * i));
            bytes[i] &= (byte) (0xff00 >> kept);
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // of 16 bytes
        }
    }

    /**
     * Refuses a stream that has connected to itself, as TCP allows where the system has chosen the port that it
     * connects to for its own end, and nothing listens there (RFC 9293, simultaneous open).
     */
    static void checkOther(TcpStream connected) throws ConnectException {
        SocketAddress remote = connected.remoteAddress();
        if (remote instanceof InetSocketAddress && remote.equals(connected.localAddress())) {
            throw new ConnectException("connected to itself: nothing listens on " + text(remote));
        }
    }
}
