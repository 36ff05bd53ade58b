package io.millio.examples;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.Registration;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One connection: reads and sends back, and reads no more while there is output that the peer does not take. */
final class Echo implements EventHandler {
    private static final int BUFFER_BYTES = 64 * 1024;

    /** So that one busy connection does not hold up the others. */
    private static final int READS_PER_EVENT = 16;

    // One for each thread that runs handlers, none for a connection.
    private static final ThreadLocal<ByteBuffer> BUFFER =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));

    private final TcpStream peer;

    // What the peer has not taken yet; while it is there nothing is read, so it is never more than one buffer.
    private @Nullable ByteBuffer unsent;

    Echo(TcpStream peer) {
        this.peer = peer;
    }

    @Override
    public void handle(Event event) {
        Registration registration = event.registration();
        try {
            if (sendUnsent(registration)) {
                echo(registration);
            }
        } catch (IOException e) {
            registration.close(); // reset by the peer: no answer can be sent
        }
    }

    /** Returns whether there is nothing left to send. */
    private boolean sendUnsent(Registration registration) throws IOException {
        if (unsent == null) {
            return true;
        }
        peer.write(unsent);
        if (unsent.hasRemaining()) {
            return false;
        }
        unsent = null;
        registration.setInterest(Interest.READABLE);
        return true;
    }

    private void echo(Registration registration) throws IOException {
        ByteBuffer buffer = BUFFER.get();
        for (int i = 0; i < READS_PER_EVENT; i++) {
            buffer.clear();
            int got = peer.read(buffer);
            if (got < 0) {
                registration.close(); // the peer has sent all, and has all of it back
                return;
            }
            buffer.flip();
            peer.write(buffer);
            if (buffer.hasRemaining()) {
                unsent = ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
                registration.setInterest(Interest.WRITABLE);
                return;
            }
            if (got < buffer.capacity()) {
                return; // a short read: there is no more now
            }
        }
    }
}
