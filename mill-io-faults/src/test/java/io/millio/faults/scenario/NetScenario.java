package io.millio.faults.scenario;

import io.millio.EventLoopBuilder;
import io.millio.faults.FaultPoint;
import io.millio.net.ConnectionOptions;
import io.millio.net.TcpServer;
import io.millio.net.TcpServerBuilder;
import io.millio.testkit.SimHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A server with a limited number of connections; a third client after the fault finds a place. */
class NetScenario extends SimScenario {
    /** How many handlers were opened and not closed. */
    int open;

    /** With the defaults. */
    static final class Plain extends NetScenario {}

    /** With a rate for each connection, and timeouts. */
    static final class Limited extends NetScenario {
        @Override
        TcpServerBuilder settings(TcpServerBuilder builder) {
            return builder.options(ConnectionOptions.DEFAULT
                    .withReadRate(20_000, 50)
                    .withWriteRate(20_000, 50)
                    .withWatermarks(10, 20)
                    .withIdleTimeout(Duration.ofSeconds(50))
                    .withWriteStallTimeout(Duration.ofSeconds(50)));
        }
    }

    TcpServerBuilder settings(TcpServerBuilder builder) {
        return builder;
    }

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return builder.direct();
    }

    @Override
    void act() throws Throwable {
        open = 0;
        List<TcpServer> started = new ArrayList<>();
        attempt(() -> started.add(settings(TcpServer.builder()
                        .address(server.address(7))
                        .loop(loop)
                        .maxConnections(2)
                        .handlers(() -> new NetEchoHandler(this)))
                .start()));
        if (started.isEmpty()) {
            return;
        }
        TcpServer echo = started.get(0);
        SimHost clients = network.host("clients");
        Peer first = new Peer(network, clients, server.address(7), 130);
        Peer second = new Peer(network, clients, server.address(7), 300);
        runFor(3_000);
        first.close();
        runFor(3_000);
        FaultPoint.pause();
        int struck = FaultPoint.thrown();
        expect(first.isExact() && second.isExact(), "other bytes came back");
        int harmed = (first.isDone() ? 0 : 1) + (second.isDone() ? 0 : 1);
        if (!loop.isClosed()) {
            expect(harmed <= struck, "harmed: " + first + " and " + second);
            expect(harmed == 0 || isReported(), "the failure was not reported");
            expect(first.isDone() || first.isEnded(), "stalled: " + first);
            expect(second.isDone() || second.isEnded(), "stalled: " + second);
            Peer third = new Peer(network, clients, server.address(7), 100);
            runFor(3_000);
            expect(third.isDone() && third.isExact(), "after the fault: " + third);
            third.close();
        }
        second.close();
        runFor(100);
        expect(echo.connections() == 0, "connections are left: " + echo.connections());
        expect(open == 0, "onClose was not called");
        FaultPoint.resume();
        List<CompletableFuture<Boolean>> closed = new ArrayList<>();
        if (!attempt(() -> closed.add(echo.close(Duration.ofSeconds(1))))) {
            attempt(() -> closed.add(echo.close(Duration.ofSeconds(1))));
        }
        runFor(3_000);
        closed.forEach(each -> completes("the close of the server", each));
    }
}
