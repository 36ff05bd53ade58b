package io.millio.net;

/** A write that would queue more than the connection may: nothing was taken, and the connection is unharmed. */
public final class WriteRefusedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    WriteRefusedException(String message) {
        super(message);
    }
}
