package io.millio.transport.nio;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** Makes the exceptions of {@code java.nio}, which name no address, say where they happened. Stateless. */
final class NioErrors {
    private NioErrors() {}

    /** An exception of the same kind whose message ends in the place; a close by this side stays as it is. */
    static IOException at(IOException cause, String place) {
        if (cause instanceof ClosedChannelException) {
            return cause;
        }
        String message = cause.getMessage() + ": " + place;
        IOException told;
        if (cause instanceof ConnectException) {
            told = new ConnectException(message);
        } else if (cause instanceof BindException) {
            told = new BindException(message);
        } else if (cause instanceof NoRouteToHostException) {
            told = new NoRouteToHostException(message);
        } else if (cause instanceof SocketException) {
            told = new SocketException(message);
        } else {
            told = new IOException(message);
        }
        told.initCause(cause);
        return told;
    }

    /**
     * Closes what a failed call had opened, and gives the exception to throw; a RuntimeException is thrown from here.
     */
    static IOException closing(Closeable opened, Exception failure, String place) {
        try {
            opened.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        return at((IOException) failure, place);
    }

    /** An address as people write it: {@code 127.0.0.1:80}, without the slash. */
    static String text(@Nullable SocketAddress address) {
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            String host = inet.getAddress().getHostAddress();
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
        }
        return String.valueOf(address);
    }
}
