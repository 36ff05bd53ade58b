package io.millio.net;

import io.millio.net.wire.WireException;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A failure of a connection that has a {@link CloseCause} of its own: TLS, the PROXY protocol, framing. Any other
 * {@link IOException} of a connection is a failure of the network, {@link CloseCause#FAILED}.
 *
 * <p>Thrown by a callback with the cause {@link CloseCause#FRAME_TOO_LARGE}, {@link CloseCause#BAD_FRAME} or
 * {@link CloseCause#UNREAD_LIMIT}, it closes the connection with that cause and a line in the log: bad input is not an
 * error of the program.
 */
public class ConnectionException extends IOException {
    private static final long serialVersionUID = 1;

    private final CloseCause closeCause;

    /** Creates an exception that ends a connection with a cause. */
    public ConnectionException(CloseCause closeCause, String message, @Nullable Throwable reason) {
        super(message, reason);
        this.closeCause = Objects.requireNonNull(closeCause, "closeCause");
    }

    /** Returns what a program gets to see of a failure: one of the network as it is. */
    static IOException of(IOException failure) {
        return failure instanceof WireException
                ? new ConnectionException(
                        CloseCause.of(failure), String.valueOf(failure.getMessage()), failure.getCause())
                : failure;
    }

    /** Returns the cause that {@link ConnectionHandler#onClose} is called with. */
    public final CloseCause closeCause() {
        return closeCause;
    }

    /** Whether the peer has sent bytes that a decoder refuses, or more than a handler could use. */
    final boolean isBadInput() {
        return closeCause == CloseCause.FRAME_TOO_LARGE
                || closeCause == CloseCause.BAD_FRAME
                || closeCause == CloseCause.UNREAD_LIMIT;
    }
}
