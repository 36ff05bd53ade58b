package io.millio.faults.scenario;

import io.millio.EventLoopBuilder;
import io.millio.faults.FaultKind;
import io.millio.faults.FaultPoint;
import io.millio.net.UdpEndpoint;
import io.millio.net.wire.Chunk;
import io.millio.testkit.SimHost;
import io.millio.transport.SocketSettings;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * An endpoint that sends datagrams back, and sends some of its own from several threads, on a network that often has no
 * room: a fault loses one datagram at most, and those after it come.
 */
final class UdpScenario extends SimScenario {
    private static final int DATAGRAMS = 12;

    private int opened;
    private int closed;
    private long leasedBefore;

    /** A client that no fault strikes: sends a datagram a millisecond, and collects what comes. */
    private final class UdpPeer {
        private final UdpSocket socket;
        private final SocketAddress to;
        private final ByteBuffer buffer = ByteBuffer.allocate(100);
        final Set<Integer> expected = new HashSet<>();
        final List<Integer> received = new ArrayList<>();
        private int next;
        private int last;

        UdpPeer(SimHost host, SocketAddress to) throws IOException {
            this.socket = host.openUdp(host.address(5000), SocketSettings.NONE);
            this.to = to;
            look();
        }

        void send(int count) {
            last += count;
        }

        private void look() {
            if (!socket.isOpen()) {
                return;
            }
            try {
                if (next < last && socket.send(buffer.clear().putInt(next).flip(), to)) {
                    expected.add(next++);
                }
                while (socket.receive(buffer.clear()) != null) {
                    received.add(buffer.flip().getInt());
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            network.after(Duration.ofMillis(1), this::look);
        }

        private void close() throws IOException {
            socket.close();
        }

        int lost() {
            Set<Integer> missing = new HashSet<>(expected);
            missing.removeAll(received);
            return missing.size();
        }
    }

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return builder.direct();
    }

    @Override
    void act() throws Throwable {
        opened = 0;
        closed = 0;
        FaultPoint.pause();
        leasedBefore = Chunk.SHARED.stats().leasedBytes();
        network.links().wouldBlock(0.4);
        UdpPeer peer = new UdpPeer(network.host("client"), server.address(9));
        FaultPoint.resume();
        List<UdpEndpoint> made = new ArrayList<>();
        attempt(() -> made.add(UdpEndpoint.open(loop, server.address(9), new EchoDatagramHandler(this))));
        if (made.isEmpty()) {
            peer.close();
            return;
        }
        UdpEndpoint endpoint = made.get(0);
        opened++;
        peer.send(DATAGRAMS);
        Executor other = server.executor(2);
        send(endpoint, peer, 1000);
        attempt(() -> other.execute(() -> sendElsewhere(endpoint, peer, 2000)));
        attempt(() -> loop.execute(() -> sendElsewhere(endpoint, peer, 3000)));
        runFor(100);
        FaultPoint.pause();
        boolean checked = !loop.isClosed();
        if (checked && closed > 0) { // for a call of the transport that is made for no datagram
            expect(FaultPoint.kind() == FaultKind.TRANSPORT_UNCHECKED && isReported(), "the endpoint was closed");
        } else if (checked) {
            int struck = FaultPoint.thrown();
            expect(peer.expected.containsAll(peer.received), "other datagrams came");
            expect(new HashSet<>(peer.received).size() == peer.received.size(), "one came twice");
            expect(peer.lost() <= struck, "lost: " + peer.lost());
            int before = peer.lost();
            peer.send(3);
            runFor(100);
            expect(peer.lost() == before, "after the fault another one is lost: " + endpoint);
        }
        FaultPoint.resume();
        if (!attempt(endpoint::close)) {
            attempt(endpoint::close);
        }
        runFor(100);
        peer.close();
    }

    private void sendElsewhere(UdpEndpoint endpoint, UdpPeer peer, int first) {
        try {
            send(endpoint, peer, first);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private void send(UdpEndpoint endpoint, UdpPeer peer, int first) throws Throwable {
        for (int i = first; i < first + 3; i++) {
            ByteBuffer bytes = ByteBuffer.allocate(4).putInt(i).flip();
            boolean[] taken = {false};
            attempt(() -> taken[0] =
                    endpoint.send(bytes, network.host("client").address(5000)) == UdpEndpoint.SendResult.TAKEN);
            if (taken[0] || !bytes.hasRemaining()) {
                peer.expected.add(i);
            }
        }
    }

    void endpointClosed() {
        closed++;
    }

    @Override
    void checkRest() {
        expect(opened == closed, "onClose was called " + closed + " times");
        long leased = Chunk.SHARED.stats().leasedBytes() - leasedBefore;
        expect(leased == 0, "leased bytes are left: " + leased);
    }
}
