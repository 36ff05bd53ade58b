package io.millio.examples;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Token;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** An echo server on the raw interface of the event loop. */
@Command(name = "echo-server", description = "Sends back what it receives, over TCP.", sortOptions = false)
final class EchoServer implements Callable<Integer> {
    @Mixin
    private ServerOptions options;

    @Override
    public Integer call() throws IOException {
        List<EventLoop> loops = options.openLoops();
        try {
            EventLoop first = loops.get(0);
            TcpListener listener = first.openListener(options.address());
            first.register(listener, Token.of(1), Interest.READABLE, new Acceptor(listener, loops));
            Servers.run(options, loops, listener.localAddress());
        } finally {
            loops.forEach(EventLoop::close);
        }
        return 0;
    }

    /** Hands each connection to the next loop. */
    private static final class Acceptor implements EventHandler {
        private final TcpListener listener;
        private final List<EventLoop> loops;
        private int next;

        Acceptor(TcpListener listener, List<EventLoop> loops) {
            this.listener = listener;
            this.loops = loops;
        }

        @Override
        public void handle(Event event) throws IOException {
            for (TcpStream peer; (peer = listener.accept()) != null; ) {
                EventLoop loop = loops.get(next);
                next = (next + 1) % loops.size();
                try {
                    loop.register(peer, Interest.READABLE, new Echo(peer));
                } catch (IOException | RuntimeException e) {
                    peer.close(); // it is ours until it is registered
                    throw e;
                }
            }
        }
    }

    /** One connection: reads and sends back, and reads no more while there is output that the peer does not take. */
    static final class Echo implements EventHandler {
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
                registration.close(); // reset by the peer: nobody to tell
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
}
