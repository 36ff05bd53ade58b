package io.millio.transport.nio;

import io.millio.internal.BacklogFullException;
import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnsupportedAddressTypeException;

/** Makes the exceptions of {@code java.nio}, which name no address, say where they happened. Stateless. */
final class NioErrors {
    private NioErrors() {}

    /** An exception of the same kind whose message ends in the place; a close by this side stays as it is. */
    static IOException at(IOException cause, String place) {
        if (cause instanceof ClosedChannelException) {
            return cause;
        }
        String message = cause.getMessage() + ": " + place;
        IOException named;
        if (cause instanceof ConnectException) {
            named = new ConnectException(message);
        } else if (cause instanceof BindException) {
            named = new BindException(message);
        } else if (cause instanceof NoRouteToHostException) {
            named = new NoRouteToHostException(message);
        } else if (cause instanceof SocketException) {
            named = new SocketException(message);
        } else {
            named = new IOException(message);
        }
        named.initCause(cause);
        return named;
    }

    /**
     * Closes as {@link #closing} does, and gives a full backlog its class. The platform has the text of the C library
     * for it and no class, so in another language than English it is a failure like others.
     */
    static IOException closingUnix(Closeable opened, Exception failure, String place) {
        IOException named = closing(opened, failure, place);
        if (!"Resource temporarily unavailable".equals(failure.getMessage())) {
            return named;
        }
        BacklogFullException full = new BacklogFullException(place);
        full.initCause(failure);
        return full;
    }

    /** The platform has no sockets of the family of an address. */
    static SocketException withoutFamily(Exception cause, String place) {
        SocketException named = new SocketException(
                "address family not supported, is IPv6 switched off (java.net.preferIPv4Stack)?: " + place);
        named.initCause(cause);
        return named;
    }

    /**
     * Closes what a failed call had opened, and gives the exception to throw; a RuntimeException is thrown from here,
     * unless it is the one without a message for an address of IPv6 where the platform has none.
     */
    static IOException closing(Closeable opened, Exception failure, String place) {
        try {
            opened.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        if (failure instanceof UnsupportedAddressTypeException) {
            return withoutFamily(failure, place);
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        return at((IOException) failure, place);
    }
}
