package io.millio.net;

import io.millio.internal.Arguments;
import io.millio.net.tls.TlsContext;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How an open connection begins TLS: see {@link Connection#startTls}. Immutable.
 *
 * @param context the settings of TLS, which also say whether this side is the client or the server of the handshake
 * @param host the unresolved name and port that a client verifies the certificate for; null for a server
 * @param unreadIsTls whether bytes that the handler has left unread are the beginning of the handshake. If not, they
 *     end the connection: they were sent in plain text, so anyone on the way may have put them there, and the program
 *     must not take them for a part of what TLS protects
 */
public record StartTls(TlsContext context, @Nullable InetSocketAddress host, boolean unreadIsTls) {
    public StartTls {
        Objects.requireNonNull(context, "context");
        if (context.isClient() != (host != null)) {
            throw new IllegalArgumentException("host: " + host + ", must be given for a client, and only then");
        }
    }

    /**
     * This side is the server; unread bytes end the connection.
     *
     * @throws IllegalArgumentException if the context is a client's
     */
    public static StartTls server(TlsContext context) {
        return new StartTls(context, null, false);
    }

    /**
     * This side is the client; unread bytes end the connection.
     *
     * @param host the name for which the certificate of the peer is verified
     * @param port with the name, identifies a session that may be resumed; 0 to 65535
     * @throws IllegalArgumentException if the context is a server's
     */
    public static StartTls client(TlsContext context, String host, int port) {
        return new StartTls(
                context, InetSocketAddress.createUnresolved(host, Arguments.between(0, port, 65535, "port")), false);
    }

    /** Returns the same, with bytes that were left unread as the beginning of the handshake. */
    public StartTls withUnreadAsTls() {
        return new StartTls(context, host, true);
    }
}
