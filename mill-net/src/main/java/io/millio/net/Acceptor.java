package io.millio.net;

import io.millio.Event;
import io.millio.Registration;
import io.millio.Timer;
import io.millio.TurnHandler;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One listener of a server. It takes a place first and then a connection; without a place it stops listening until one
 * is free, and who comes meanwhile waits in the backlog.
 */
final class Acceptor implements TurnHandler {
    private static final int ACCEPTS_PER_EVENT = 64;

    private final TcpServer server;
    private final TcpListener listener;

    // Written before the server is given out, and by the loop with the same value.
    private volatile @Nullable Registration registration;

    // Volatile: set by the loop before it looks for a place once more, read by whoever has freed one: one sees the
    // other.
    private volatile boolean waitsForPlace;

    // The turn's.
    private @Nullable Timer pause;

    Acceptor(TcpServer server, TcpListener listener) {
        this.server = server;
        this.listener = listener;
    }

    TcpListener listener() {
        return listener;
    }

    void registered(Registration by) {
        registration = by;
    }

    void close() {
        Registration known = registration;
        if (known != null) {
            known.close();
        }
    }

    @Override
    public void handle(Event event) throws IOException {
        registration = event.registration();
        for (int i = 0; i < ACCEPTS_PER_EVENT; i++) {
            if (!takePlace(event.registration())) {
                return;
            }
            if (!takePermit(event.registration())) {
                server.placeFreed();
                return;
            }
            TcpStream peer = null;
            try {
                peer = listener.accept();
            } finally {
                if (peer == null) {
                    server.acceptLimits().giveBack();
                    server.placeFreed();
                }
            }
            if (peer == null) {
                return;
            }
            accepted(peer);
        }
    }

    private boolean takePlace(Registration own) {
        Places places = server.places();
        if (places.tryTake()) {
            return true;
        }
        waitsForPlace = true;
        own.setInterest(Interest.NONE);
        if (!places.tryTake()) {
            return false;
        }
        resume();
        return true;
    }

    /** Without a permit it stops listening until one should be there. */
    private boolean takePermit(Registration own) {
        long waitNanos = server.acceptLimits().take();
        if (waitNanos == 0) {
            return true;
        }
        own.setInterest(Interest.NONE);
        Duration delay = Duration.ofNanos(waitNanos);
        if (pause == null || !pause.restart(delay)) {
            pause = own.loop().schedule(delay, () -> {
                if (!server.isClosing()) {
                    own.setInterest(Interest.READABLE);
                }
            });
        }
        return false;
    }

    /** A place is free. Any thread. */
    void resume() {
        Registration known = registration;
        if (waitsForPlace && known != null) {
            waitsForPlace = false;
            known.setInterest(Interest.READABLE);
        }
    }

    private void accepted(TcpStream peer) throws IOException {
        SocketAddress remote = peer.remoteAddress();
        if (!server.countsAtAccept()
                || (server.acceptLimits().admits(remote) && server.places().tryTake(remote))) {
            server.handOut(peer, Objects.requireNonNull(registration).loop());
            return;
        }
        try {
            // At once, and without the wait that a close in good order has: there may be many.
            if (peer.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
                peer.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } finally {
            peer.close();
            server.placeFreed();
        }
    }
}
