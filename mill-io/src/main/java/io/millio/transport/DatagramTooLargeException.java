package io.millio.transport;

import java.io.IOException;
import java.net.SocketAddress;

/** A datagram did not fit into the buffer that was to take it; it is lost. */
public final class DatagramTooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient SocketAddress sender;
    private final int roomBytes;

    /**
     * One datagram.
     *
     * @param sender the sender's address
     * @param detail how large it was, as far as is known
     * @param roomBytes how much room there was
     */
    public DatagramTooLargeException(SocketAddress sender, String detail, int roomBytes) {
        super("datagram from " + sender + " of " + detail + " does not fit into " + roomBytes + " bytes; it is lost");
        this.sender = sender;
        this.roomBytes = roomBytes;
    }

    /** Returns the sender's address. */
    public SocketAddress sender() {
        return sender;
    }

    /** Returns the room that the buffer had, in bytes. */
    public int roomBytes() {
        return roomBytes;
    }
}
