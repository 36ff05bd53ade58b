package io.millio.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A failure between connection and socket that has a cause of its own. */
final class WireException extends IOException {
    private static final long serialVersionUID = 1;

    final CloseCause closeCause;

    WireException(CloseCause closeCause, String message, @Nullable Throwable reason) {
        super(message, reason);
        this.closeCause = closeCause;
    }

    static CloseCause causeOf(IOException e) {
        return e instanceof WireException known ? known.closeCause : CloseCause.FAILED;
    }
}
