package io.millio.examples;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.EventLoopGroup;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;

/** Passes each connection to the loop that has the fewest. */
final class EchoAcceptor implements EventHandler {
    private final TcpListener listener;
    private final EventLoopGroup loops;

    EchoAcceptor(TcpListener listener, EventLoopGroup loops) {
        this.listener = listener;
        this.loops = loops;
    }

    @Override
    public void handle(Event event) throws IOException {
        for (TcpStream peer; (peer = listener.accept()) != null; ) {
            try {
                loops.next().register(peer, Interest.READABLE, new Echo(peer));
            } catch (IOException | RuntimeException e) {
                peer.close(); // it is ours until it is registered
                throw e;
            }
        }
    }
}
