package io.millio.examples.cli;

import org.jspecify.annotations.Nullable;

/** Arguments that are wrong: the message names them in one line, and the usage belongs below it. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The exit code of a program that was given them. */
    public static final int EXIT_CODE = 2;

    /** One with a line for people. */
    public UsageException(String message) {
        super(message);
    }

    /** One with a line for people, and what found it, if anything did. */
    public UsageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
