package io.millio.net.wire;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A failure between a connection and its socket that is not one of the network. */
public final class WireException extends IOException {
    private static final long serialVersionUID = 1;

    /** What failed. */
    public enum Reason {
        /** The peer closed the connection where that is not an error. */
        PEER_CLOSED,
        /** The TLS engine or its settings refused something. */
        TLS_FAILED,
        /** The peer closed the connection without a {@code close_notify}. */
        TRUNCATED,
        /** The peer began a second TLS handshake. */
        RENEGOTIATION
    }

    private final Reason reason;

    public WireException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    public WireException(Reason reason, String message) {
        this(reason, message, null);
    }

    public Reason reason() {
        return reason;
    }
}
