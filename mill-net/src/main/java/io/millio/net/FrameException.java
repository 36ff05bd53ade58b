package io.millio.net;

import java.io.IOException;

/**
 * Bytes that are no frame, or too large a one. Thrown by a callback, it closes the connection with
 * {@link CloseCause#FRAME_TOO_LARGE} or {@link CloseCause#BAD_FRAME} and a line in the log: bad input is no error of
 * the program.
 */
public final class FrameException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean tooLarge;

    private FrameException(String message, boolean tooLarge) {
        super(message);
        this.tooLarge = tooLarge;
    }

    /** For a frame over its maximum. */
    public static FrameException tooLarge(String message) {
        return new FrameException(message, true);
    }

    /** For bytes that can't be a frame. */
    public static FrameException bad(String message) {
        return new FrameException(message, false);
    }

    CloseCause closeCause() {
        return tooLarge ? CloseCause.FRAME_TOO_LARGE : CloseCause.BAD_FRAME;
    }
}
