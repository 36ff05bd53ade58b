package io.millio.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A failure between connection and socket that has a cause of its own. */
final class WireException extends ConnectionException {
    private static final long serialVersionUID = 1;

    WireException(CloseCause closeCause, String message, @Nullable Throwable reason) {
        super(closeCause, message, reason);
    }

    static CloseCause causeOf(IOException e) {
        return e instanceof WireException known ? known.closeCause() : CloseCause.FAILED;
    }
}
