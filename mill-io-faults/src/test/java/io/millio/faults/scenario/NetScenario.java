package io.millio.faults.scenario;

import io.millio.EventLoopBuilder;
import io.millio.faults.FaultPoint;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.TcpServer;
import io.millio.net.TcpServerBuilder;
import io.millio.net.memory.MemoryBudget;
import io.millio.net.memory.MemoryLevel;
import io.millio.net.memory.MemoryStats;
import io.millio.pool.BufferPool;
import io.millio.testkit.SimHost;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntSupplier;

/** A server with a limited number of connections; a third client after the fault finds a place. */
class NetScenario extends SimScenario {
    /** Those whose {@code onOpen} was called and {@code onClose} was not. */
    final Set<Connection> open = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Of this run, so that a buffer that was not released is noticed. */
    BufferPool buffers = BufferPool.builder().build();

    /** With the defaults. */
    static final class Plain extends NetScenario {}

    /** With a rate for each connection, and timeouts. */
    static final class Limited extends NetScenario {
        @Override
        TcpServerBuilder settings(TcpServerBuilder builder) throws IOException {
            return builder.options(options()
                    .withReadRate(20_000, 50)
                    .withWriteRate(20_000, 50)
                    .withWatermarks(10, 20)
                    .withIdleTimeout(Duration.ofSeconds(50))
                    .withWriteStallTimeout(Duration.ofSeconds(50)));
        }
    }

    /** Connections that pass to another handler with the first bytes. */
    static final class Switching extends NetScenario {
        @Override
        ConnectionHandler newHandler() {
            return new SwitchingHandler(this);
        }
    }

    /** A memory budget of which two connections use so much for a while that they are not read. */
    static final class Scarce extends NetScenario {
        private MemoryBudget budget = MemoryBudget.process();

        @Override
        void prepare() {
            budget = MemoryBudget.builder()
                    .maxBytes(150_000)
                    .pauseAt(0.35)
                    .shedAt(0.98)
                    .heldTimeout(Duration.ofSeconds(1))
                    .build();
        }

        @Override
        TcpServerBuilder settings(TcpServerBuilder builder) throws IOException {
            return super.settings(builder).memoryBudget(budget);
        }

        @Override
        ConnectionHandler newHandler() {
            return new ScarceHandler(this);
        }

        @Override
        MemoryBudget budget() {
            return budget;
        }
    }

    /** More connections than there may be, which are reset; some of them while memory is scarce. */
    static final class Refusing extends NetScenario {
        @Override
        TcpServerBuilder settings(TcpServerBuilder builder) throws IOException {
            return super.settings(builder).refuseExcess(true).refusals((remote, reason, failure) -> {
                if (failure != null) {
                    caught.add(failure);
                }
            });
        }

        @Override
        void disturb(SimHost clients) {
            for (int i = 1; i <= 3; i++) {
                int length = 40 + i;
                network.after(Duration.ofMillis(100L * i), () -> {
                    try {
                        Peer excess = new Peer(network, clients, server.address(7), length);
                        network.after(Duration.ofMillis(500), excess::close); // one may have got in, after a fault
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
            }
        }
    }

    /** What counts the memory of the connections. */
    MemoryBudget budget() {
        return MemoryBudget.of(loop);
    }

    ConnectionOptions options() {
        return ConnectionOptions.DEFAULT.withBuffers(buffers);
    }

    TcpServerBuilder settings(TcpServerBuilder builder) throws IOException {
        return builder.options(options());
    }

    /** What is asked of a server. */
    record Server(IntSupplier connections, Function<Duration, CompletableFuture<Boolean>> close) {}

    Server start() throws IOException {
        TcpServer started = settings(TcpServer.builder()
                        .address(server.address(7))
                        .loop(loop)
                        .maxConnections(maxConnections())
                        .handlers(connection -> newHandler()))
                .start();
        return new Server(started::connections, started::close);
    }

    int maxConnections() {
        return 2;
    }

    ConnectionHandler newHandler() {
        return new NetEchoHandler(this);
    }

    /** A client that is served within the patience; the larger the number, the longer. */
    Peer newPeer(SimHost clients, int number) throws IOException {
        return new Peer(network, clients, server.address(7), 100 * number);
    }

    /** How many got other bytes than expected. */
    int inexact(Peer first, Peer second) {
        return (first.isExact() ? 0 : 1) + (second.isExact() ? 0 : 1);
    }

    /** Prepares what a run needs besides the server, without faults. */
    void prepare() throws IOException {}

    /** What other clients do meanwhile. */
    void disturb(SimHost clients) throws IOException {}

    @Override
    void checkRest() throws Exception {
        long leased = buffers.stats().leasedBytes();
        expect(leased == 0, "leased bytes are left: " + leased);
        MemoryStats memory = budget().stats();
        expect(memory.usedBytes() == 0 && memory.connections() == 0, "memory is still counted: " + memory);
        expect(memory.level() == MemoryLevel.NORMAL, "memory is still scarce: " + memory);
    }

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return builder.direct();
    }

    @Override
    void act() throws Throwable {
        open.clear();
        FaultPoint.pause();
        buffers = BufferPool.builder().build();
        prepare();
        FaultPoint.resume();
        List<Server> started = new ArrayList<>();
        attempt(() -> started.add(start()));
        if (started.isEmpty()) {
            return;
        }
        Server echo = started.get(0);
        SimHost clients = network.host("clients");
        Peer first = newPeer(clients, 1);
        Peer second = newPeer(clients, 3);
        disturb(clients);
        runFor(3_000);
        first.close();
        runFor(3_000);
        FaultPoint.pause();
        int struck = FaultPoint.thrown();
        expect(inexact(first, second) == 0, "other bytes came back");
        int harmed = (first.isServed() ? 0 : 1) + (second.isServed() ? 0 : 1);
        if (!loop.isClosed()) {
            expect(harmed <= struck, "harmed: " + first + " and " + second);
            expect(harmed == 0 || isReported(), "the failure was not reported");
            expect(first.isDone() || first.isEnded(), "stalled: " + first);
            expect(second.isDone() || second.isEnded(), "stalled: " + second);
            Peer third = newPeer(clients, 2);
            runFor(3_000);
            expect(third.isServed() && third.isExact(), "after the fault: " + third);
            third.close();
        }
        second.close();
        runFor(100);
        expect(echo.connections.getAsInt() == 0, "connections are left: " + echo.connections.getAsInt());
        expect(open.isEmpty(), "onClose was not called");
        FaultPoint.resume();
        List<CompletableFuture<Boolean>> closed = new ArrayList<>();
        if (!attempt(() -> closed.add(echo.close.apply(Duration.ofSeconds(1))))) {
            attempt(() -> closed.add(echo.close.apply(Duration.ofSeconds(1))));
        }
        runFor(3_000);
        closed.forEach(each -> completes("the close of the server", each));
    }
}
