package io.millio.net.frame;

import io.millio.net.CloseCause;
import io.millio.net.ConnectionException;

/**
 * Bytes that are no frame, or too large a one. Thrown by a callback, it closes the connection with
 * {@link CloseCause#FRAME_TOO_LARGE} or {@link CloseCause#BAD_FRAME} and a line in the log: bad input is no error of
 * the program.
 */
public final class FrameException extends ConnectionException {
    private static final long serialVersionUID = 1;

    private FrameException(CloseCause cause, String message) {
        super(cause, message, null);
    }

    /** For a frame over its maximum. */
    public static FrameException tooLarge(String message) {
        return new FrameException(CloseCause.FRAME_TOO_LARGE, message);
    }

    /** For bytes that can't be a frame. */
    public static FrameException bad(String message) {
        return new FrameException(CloseCause.BAD_FRAME, message);
    }
}
