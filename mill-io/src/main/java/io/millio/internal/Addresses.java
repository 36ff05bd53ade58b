package io.millio.internal;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Socket addresses: checks and text. */
public final class Addresses {
    private static final Pattern LITERAL = Pattern.compile("(:|[0-9A-Fa-f].*:).*|([0-9]{1,3}\\.){3}[0-9]{1,3}");

    private Addresses() {}

    /** Returns whether the platform takes a host for an address, which it does not look up. */
    public static boolean isLiteral(String host) {
        return LITERAL.matcher(host).matches();
    }

    /**
     * Returns an internet address that can be used as it is.
     *
     * @throws IllegalArgumentException if it is of another kind
     * @throws UnknownHostException if it is unresolved
     * @throws SocketException if it is link-local and without the scope that says on which link: systems, and versions
     *     of Java, differ in what they make of that
     */
    public static InetSocketAddress resolved(SocketAddress address, String argument)
            throws UnknownHostException, SocketException {
        Objects.requireNonNull(address, argument);
        if (!(address instanceof InetSocketAddress inet)) {
            throw new IllegalArgumentException(argument + ": not an internet address but a "
                    + address.getClass().getName() + ": " + address);
        }
        if (inet.isUnresolved()) {
            throw new UnknownHostException(inet.getHostString());
        }
        if (inet.getAddress() instanceof Inet6Address six && six.isLinkLocalAddress() && six.getScopeId() == 0) {
            throw new SocketException(argument + ": link-local, and without a scope, such as %eth0: " + text(inet));
        }
        return inet;
    }

    /**
     * Returns the address that a socket is to connect from; null if it is for the system to choose.
     *
     * @throws IllegalArgumentException if it is of another kind or family than the remote one
     * @throws UnknownHostException if it is unresolved
     */
    public static @Nullable InetSocketAddress localFor(SocketAddress remote, @Nullable SocketAddress local)
            throws UnknownHostException, SocketException {
        if (local == null) {
            return null;
        }
        InetSocketAddress from = resolved(local, "local");
        if (!(remote instanceof InetSocketAddress to)
                || from.getAddress().getClass() != to.getAddress().getClass()) {
            throw new IllegalArgumentException(
                    "local: " + text(local) + ", must be of the family of the remote address " + text(remote));
        }
        return from;
    }

    /** Refuses a group and an interface that can't be joined or left, whatever the socket. */
    public static void checkGroup(InetAddress group, NetworkInterface on) {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(on, "on");
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException("group: not a multicast address: " + group);
        }
    }

    /** Returns {@code 127.0.0.1:80}, {@code [::1]:80}, {@code name:80}, or the path of a Unix-domain socket. */
    public static String text(@Nullable SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            String host = inet.getAddress() == null
                    ? inet.getHostString()
                    : inet.getAddress().getHostAddress();
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
        }
        return String.valueOf(address);
    }
}
