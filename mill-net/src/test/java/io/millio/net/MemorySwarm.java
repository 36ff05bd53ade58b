package io.millio.net;

import static io.millio.net.CheckedHandler.require;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.net.account.MemoryTotal;
import io.millio.net.memory.MemoryBudget;
import io.millio.net.memory.MemoryLevel;
import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import io.millio.pool.BufferPool;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One random program on a small memory budget: handlers that leave bytes unread, charge, write much and to each other
 * on several loops; peers that do not read, and links on which anything may go wrong. What is counted is compared with
 * what the connections hold at random moments, and is nothing in the end.
 */
final class MemorySwarm {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int FLAT = MemoryGuard.CONNECTION_BYTES;
    private static final int CHECKS = 20;

    private static final Set<CloseCause> EXPECTED = EnumSet.of(
            CloseCause.LOCAL,
            CloseCause.PEER,
            CloseCause.ABORTED,
            CloseCause.FAILED,
            CloseCause.IDLE_TIMEOUT,
            CloseCause.WRITE_STALL,
            CloseCause.CLOSE_TIMEOUT,
            CloseCause.TRUNCATED,
            CloseCause.SERVER_CLOSED,
            CloseCause.MEMORY_LIMIT);

    /** What has happened in all runs together, so that a test sees whether they are worth anything. */
    static final class Seen {
        long paused;
        long resumed;
        long expired;
        long shed;
        long overLimit;
        long refused;
    }

    private final SimNetwork network;
    private final Seen seen;
    private final boolean tls;
    private final MemoryBudget budget;
    private final SimHost host;
    private final EventLoopGroup loops;
    private final BufferPool pool = BufferPool.builder().build();
    private final ConnectionOptions options;
    private final List<Served> served = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final List<EventLoop> clientLoops = new ArrayList<>();

    MemorySwarm(SimNetwork network, boolean tls, Seen seen) {
        this.network = network;
        this.tls = tls;
        this.seen = seen;
        network.links()
                .latency(Duration.ofNanos(10_000), Duration.ofMillis(1 + network.draw(20)))
                .window(500 + network.draw(20_000))
                .shortReads(0.1)
                .shortWrites(0.1)
                .wouldBlock(0.05);
        if (network.draw(3) > 0) {
            network.links().resets(0.001).refusals(0.02);
        }
        network.hangUps(network.draw(2) == 0);
        budget = MemoryBudget.builder()
                .maxBytes((tls ? 150_000 : 30_000) + network.draw(300_000))
                .minBytesPerConnection(network.draw(network.draw(4) == 0 ? 100_000 : 12_000))
                .heldTimeout(Duration.ofMillis(100 + network.draw(4_000)))
                .build();
        host = network.host("server");
        int count = 1 + network.draw(3);
        loops = network.draw(2) == 0 ? host.group(count) : host.group(count, EventLoopBuilder::direct);
        int low = network.draw(5_000);
        options = ConnectionOptions.DEFAULT
                .withBuffers(pool)
                .withWatermarks(low, low + 1 + network.draw(20_000))
                .withIdleTimeout(PATIENCE)
                .withWriteStallTimeout(PATIENCE)
                .withMaxCloseTime(PATIENCE)
                .withCloseTimeout(PATIENCE);
    }

    void run() throws Exception {
        TcpServerBuilder settings = TcpServer.builder()
                .address(host.address(80))
                .loops(loops)
                .options(options)
                .memoryBudget(budget)
                .refusals((remote, reason, failure) -> {})
                .handlers(connection -> {
                    Served made = new Served(connection);
                    served.add(made);
                    return made;
                });
        if (tls) {
            settings.tls(TlsContext.server()
                    .certificates(List.of(Tls.CERTIFICATE))
                    .handshakeTimeout(Duration.ofSeconds(20))
                    .build());
        }
        TcpServer started = settings.start();
        for (int i = 2 + network.draw(12); i > 0; i--) {
            SimHost from = network.host("client" + i);
            EventLoop loop = from.loop(EventLoopBuilder::direct);
            clientLoops.add(loop);
            Client client = new Client(loop);
            clients.add(client);
            network.after(Duration.ofMillis(network.draw(800)), client::connect);
        }
        for (int i = 0; i < CHECKS; i++) {
            network.after(Duration.ofMillis(network.draw(2_500)), this::checkSum);
        }
        for (int i = network.draw(4); i > 0; i--) {
            Client victim = clients.get(network.draw(clients.size()));
            network.after(Duration.ofMillis(network.draw(1_500)), victim::abort);
        }
        network.runUntil("every client has ended", () -> clients.stream().allMatch(Client::isOver));
        CompletableFuture<Boolean> closed = started.close(Duration.ofSeconds(1 + network.draw(100)));
        network.runUntil("the server has closed", closed::isDone);
        network.run();
        check(started);
        loops.close();
        clientLoops.forEach(EventLoop::close);
        network.run();
        for (EventLoop each : clientLoops) {
            require(MemoryBudget.of(each).usedBytes() == 0, "bytes of clients are still counted");
        }
        network.assertNothingLeaked();
    }

    /** Between two steps of any thread: what is counted is what is held. */
    private void checkSum() {
        MemoryTotal total = budget.total();
        long held = 0;
        int opened = 0;
        for (Served each : served) {
            long bytes = each.connection.heldBytes();
            require(bytes == 0 || bytes >= FLAT, each.connection + " holds " + bytes);
            held += bytes;
            opened += bytes > 0 ? 1 : 0;
        }
        long[] unreported = new long[1];
        int[] loopCount = new int[1];
        total.forEachLoop(loop -> {
            unreported[0] += loop.unreportedBytes();
            loopCount[0]++;
            require(
                    Math.abs(loop.unreportedBytes()) < total.reportBytes,
                    "a loop has " + loop.unreportedBytes() + " bytes that it has not passed on");
        });
        int unopened = total.holders() - opened;
        long flat = (long) unopened * FLAT;
        long counted = total.usedBytes() + unreported[0];
        if (!tls) { // else those that are in the handshake are not known here
            require(
                    counted == held + flat,
                    counted + " bytes are counted, " + held + " held by " + opened + ", with " + unopened + " others");
        } else {
            require(counted >= held + flat, counted + " bytes are counted, " + held + " held");
        }
        require(unopened >= 0, opened + " are open, " + total.holders() + " counted");
    }

    private void check(TcpServer closedServer) {
        require(closedServer.connections() == 0, "places are left: " + closedServer.connections());
        for (Served each : served) {
            each.checkOver();
            require(each.cause != null && EXPECTED.contains(each.cause), "the server ended with " + each.cause);
            require(each.connection.heldBytes() == 0, each.connection + " holds " + each.connection.heldBytes());
        }
        require(budget.usedBytes() == 0, budget.usedBytes() + " bytes are still counted");
        require(budget.stats().connections() == 0, budget.stats().connections() + " connections are still counted");
        require(
                budget.stats().level() == MemoryLevel.NORMAL,
                "the level is " + budget.stats().level());
        require(pool.stats().leasedBytes() == 0, pool.stats().leasedBytes() + " bytes are still leased");
        require(network.errors().isEmpty(), "errors were reported: " + network.errors());
        seen.paused += budget.stats().paused();
        seen.resumed += budget.stats().resumed();
        seen.expired += budget.stats().expired();
        seen.shed += budget.stats().shed();
        seen.overLimit += budget.stats().overLimit();
        seen.refused += budget.stats().refused();
    }

    /** Holds the certificate, which takes a process to make. */
    private static final class Tls {
        static final TlsCertificate CERTIFICATE = Certificates.ofFixedLength();
    }

    private final class Served extends CheckedHandler {
        final Connection connection;
        private int charged;

        Served(Connection connection) {
            this.connection = connection;
        }

        @Override
        void opened(Connection opened) {
            if (network.draw(2) == 0) {
                charge(opened, 80_000);
            }
        }

        private void charge(Connection to, int max) {
            int some = network.draw(max);
            charged += some;
            to.charge(some);
        }

        @Override
        void data(Connection from, ByteBuffer bytes) {
            switch (network.draw(8)) {
                case 0 -> {
                    charge(from, 30_000);
                    bytes.position(bytes.limit());
                }
                case 1 -> {
                    int some = network.draw(charged + 1);
                    charged -= some;
                    from.release(some);
                    bytes.position(bytes.limit());
                }
                case 2 -> {
                    for (int i = 1 + network.draw(3); i > 0; i--) {
                        from.write(bytes.duplicate());
                    }
                    bytes.position(bytes.limit());
                }
                case 3 -> {
                    Connection other = served.get(network.draw(served.size())).connection;
                    other.write(bytes);
                    bytes.position(bytes.limit());
                }
                case 4 -> {
                    from.pauseReading();
                    from.loop().schedule(Duration.ofMillis(network.draw(300)), from::resumeReading);
                }
                case 5 -> from.loop().schedule(Duration.ofMillis(network.draw(300)), from::resumeReading);
                default -> bytes.position(bytes.limit());
            }
        }
    }

    private final class Client extends CheckedHandler {
        private final EventLoop loop;
        private int pieces = 1 + network.draw(12);
        private @Nullable Connection connection;
        private boolean connectFailed;

        Client(EventLoop loop) {
            this.loop = loop;
        }

        void connect() {
            TcpClientBuilder settings =
                    TcpClient.builder().loop(loop).options(options).connectTimeout(Duration.ofSeconds(20));
            if (tls) {
                settings.tls(TlsContext.client()
                        .trust(Tls.CERTIFICATE.chain())
                        .serverName("a.example")
                        .handshakeTimeout(Duration.ofSeconds(20))
                        .build());
            }
            CompletableFuture<Void> unused = settings.build()
                    .connect(host.address(80), this)
                    .handle((made, failure) -> {
                        connectFailed = failure != null;
                        return null;
                    });
        }

        boolean isOver() {
            return connectFailed || closes > 0;
        }

        void abort() {
            Connection known = connection;
            if (known != null) {
                known.abort();
            }
        }

        @Override
        void opened(Connection opened) {
            connection = opened;
            if (network.draw(3) == 0) {
                opened.pauseReading(); // a peer that does not read
            }
            goOn();
        }

        private void goOn() {
            Connection to = connection;
            if (to == null || !to.isOpen()) {
                return;
            }
            if (pieces-- > 0) {
                to.write(ByteBuffer.allocate(network.draw(network.draw(3) == 0 ? 20_000 : 500)));
                loop.schedule(Duration.ofMillis(network.draw(150)), this::goOn);
            } else if (network.draw(3) == 0) {
                to.abort();
            } else {
                to.close();
            }
        }

        @Override
        void data(Connection from, ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }
    }
}
