package io.millio.faults.scenario;

import io.millio.faults.FaultPoint;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A server that passes everything on to another one, which sends it back. */
@SuppressWarnings("NullAway.Init") // set at the start of each run
final class RelayScenario extends NetScenario {
    TcpClient client;
    SocketAddress echo;
    private EchoPeers peers;
    private int relays;

    @Override
    ConnectionHandler newHandler() {
        return new RelayingHandler(this);
    }

    @Override
    void prepare() throws IOException {
        peers = new EchoPeers(network, network.host("echo"), 80);
        echo = network.host("echo").address(80);
        client = TcpClient.builder().loop(loop).options(options()).build();
        relays = 0;
    }

    void relayed(CompletableFuture<?> end) {
        completes("relay " + ++relays, end);
        CompletableFuture<?> unused = end.whenComplete((done, failure) -> failed(failure));
    }

    void failed(@Nullable Throwable failure) {
        if (failure != null) {
            caught.add(failure);
        }
    }

    @Override
    void act() throws Throwable {
        super.act();
        FaultPoint.pause();
        expect(peers.open() == 0, "connections are left: " + peers.open());
        client.close();
        peers.close();
        FaultPoint.resume();
    }
}
