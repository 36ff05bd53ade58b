package io.millio.testkit;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.Registration;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection of the swarm: takes messages of eight bytes from any thread and sends them, and gives those
 * that come to a consumer. It checks how it is called itself.
 */
final class SwarmConnection implements EventHandler {
    private static final int READS_A_RUN = 4;

    private final String name;
    private final TcpStream stream;
    private final LongConsumer received;
    private final Runnable ended;
    private final Queue<Long> outgoing = new ConcurrentLinkedQueue<>();

    // Confined to the thread that runs the handler.
    private final ByteBuffer in;
    private final ByteBuffer out = ByteBuffer.allocate(64).flip();
    private boolean connected;
    private int inside;

    private @Nullable Registration registration;
    private volatile boolean closed;

    /** Whether the other end said in good order that nothing more comes. */
    volatile boolean endedWell;

    SwarmConnection(String name, TcpStream stream, boolean connected, int room, LongConsumer received, Runnable ended) {
        this.name = name;
        this.stream = stream;
        this.connected = connected;
        this.in = ByteBuffer.allocate(room);
        this.received = received;
        this.ended = ended;
    }

    void registered(Registration as) {
        registration = as;
        if (!outgoing.isEmpty()) {
            as.setInterest(Interest.READABLE_WRITABLE);
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Any thread. */
    void send(long message) {
        outgoing.add(message);
        Registration known = registration;
        if (known != null) {
            known.setInterest(Interest.READABLE_WRITABLE);
        }
    }

    /** The test is over. */
    void closeNow() {
        Registration known = registration;
        if (known != null) {
            known.close();
        }
    }

    private void enter(String what) {
        if (inside++ != 0) {
            throw new AssertionError(what + " of " + name + " while another callback runs");
        }
        if (closed) {
            throw new AssertionError(what + " of " + name + " after its end");
        }
    }

    @Override
    public void handle(Event event) throws IOException {
        enter("handle");
        try {
            if (!connected) {
                connected = stream.finishConnect();
            }
            if (connected && !read(event.registration())) {
                write(event.registration());
            }
        } finally {
            inside--;
        }
    }

    /** Returns whether the end has come. */
    private boolean read(Registration self) throws IOException {
        for (int i = 0; i < READS_A_RUN; i++) {
            int got = stream.read(in);
            if (got < 0) {
                endedWell = in.position() == 0;
                self.close();
                return true;
            }
            in.flip();
            while (in.remaining() >= Long.BYTES) {
                received.accept(in.getLong());
            }
            in.compact();
            if (got == 0) {
                return false;
            }
        }
        return false;
    }

    private void write(Registration self) throws IOException {
        do {
            fill();
        } while (out.hasRemaining() && stream.write(out) > 0);
        self.setInterest(out.hasRemaining() ? Interest.READABLE_WRITABLE : Interest.READABLE);
        if (!out.hasRemaining() && !outgoing.isEmpty()) {
            self.setInterest(Interest.READABLE_WRITABLE); // added since it was looked at
        }
    }

    private void fill() {
        out.compact();
        while (out.remaining() >= Long.BYTES && !outgoing.isEmpty()) {
            Long next = outgoing.poll();
            if (next != null) {
                out.putLong(next);
            }
        }
        out.flip();
    }

    @Override
    public void onClose(Registration self, @Nullable Throwable cause) {
        enter("onClose");
        closed = true;
        inside--;
        ended.run();
    }
}
