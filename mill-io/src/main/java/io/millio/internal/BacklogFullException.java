package io.millio.internal;

import java.net.SocketException;

/**
 * The backlog of a Unix-domain listener is full. Linux makes a connect fail at once then, where it has one of TCP wait:
 * see connect(2), {@code EAGAIN}. It may succeed later.
 */
public final class BacklogFullException extends SocketException {
    private static final long serialVersionUID = 1;

    public BacklogFullException(String where) {
        super("the backlog of the listener is full: " + where);
    }
}
