package io.millio.http;

import org.jspecify.annotations.Nullable;

/** Thrown by a handler to have its request answered with a status, and nothing logged. */
public final class HttpException extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;

    /**
     * A refusal.
     *
     * @param status 400 to 599
     * @param message for the log and the debugger; it is not sent
     */
    public HttpException(int status, String message) {
        this(status, message, null);
    }

    /** A refusal, because of a failure. */
    public HttpException(int status, String message, @Nullable Throwable cause) {
        super(message, cause);
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("status: " + status + ", must be from 400 to 599");
        }
        this.status = status;
    }

    /** What the request is answered with. */
    public int status() {
        return status;
    }
}
