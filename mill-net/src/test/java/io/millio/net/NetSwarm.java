package io.millio.net;

import static io.millio.net.CheckedHandler.require;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.limit.RateLimiter;
import io.millio.net.memory.MemoryBudget;
import io.millio.pool.BufferPool;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One random program: clients that send to an echo server in all the ways of writing, over links on which anything may
 * go wrong, and that end in all the ways of ending. {@link TlsSwarm} adds encryption.
 */
class NetSwarm {
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final Duration NEVER = Duration.ofDays(1);

    private static final Set<CloseCause> WELL = EnumSet.of(CloseCause.LOCAL, CloseCause.PEER);

    /** What faults lead to; anything else would be an error. */
    private static final Set<CloseCause> AT_ALL = EnumSet.of(
            CloseCause.LOCAL,
            CloseCause.PEER,
            CloseCause.FAILED,
            CloseCause.IDLE_TIMEOUT,
            CloseCause.WRITE_STALL,
            CloseCause.CLOSE_TIMEOUT,
            CloseCause.TRUNCATED,
            CloseCause.SERVER_CLOSED);

    final SimNetwork network;
    final boolean benign;
    final SimHost serverHost;
    private final EventLoop serverLoop;
    private final ConnectionOptions options;
    final Map<SocketAddress, Echo> echoes = new HashMap<>();
    final List<Client> clients = new ArrayList<>();
    private final List<EventLoop> loops = new ArrayList<>();
    private final BufferPool pool = BufferPool.builder().build();

    NetSwarm(SimNetwork network) {
        this.network = network;
        this.benign = network.draw(3) == 0;
        network.links()
                .latency(Duration.ofNanos(10_000), Duration.ofMillis(1 + network.draw(50)))
                .window(16 + network.draw(4000))
                .shortReads(0.2)
                .shortWrites(0.2)
                .wouldBlock(0.05);
        if (!benign) {
            network.links().resets(0.001).refusals(0.02).latencyTail(oneIn(3, 0.05), Duration.ofSeconds(2));
        }
        network.hangUps(network.draw(2) == 0);
        serverHost = network.host("server");
        serverLoop = loop(serverHost, network.draw(2) == 0);
        int low = network.draw(500);
        // Where nothing goes wrong no time-out makes up for a lost wake-up.
        Duration patience = benign ? NEVER : IDLE;
        options = limited(ConnectionOptions.DEFAULT
                .withBuffers(pool)
                .withWatermarks(low, low + 1 + network.draw(500))
                .withIdleTimeout(patience)
                .withWriteStallTimeout(patience)
                .withMaxCloseTime(patience)
                .withCloseTimeout(patience));
    }

    private double oneIn(int often, double probability) {
        return network.draw(often) == 0 ? probability : 0;
    }

    private ConnectionOptions limited(ConnectionOptions from) {
        ConnectionOptions changed = from;
        if (network.draw(3) == 0) {
            changed = changed.withReadRate(1_000 + network.draw(20_000), 1 + network.draw(2_000));
        }
        if (network.draw(3) == 0) {
            changed = changed.withWriteRate(1_000 + network.draw(20_000), 1 + network.draw(2_000));
        }
        return changed;
    }

    private RateLimiter sharedLimit() {
        RateLimiter limiter = RateLimiter.builder()
                .rate(2_000 + network.draw(30_000), Duration.ofSeconds(1))
                .burst(1 + network.draw(3_000))
                .nanoClock(serverHost.nanoClock())
                .build();
        if (network.draw(2) == 0) {
            network.after(
                    Duration.ofMillis(network.draw(1_000)),
                    () -> limiter.setRate(2_000 + network.draw(30_000), Duration.ofSeconds(1)));
        }
        return limiter;
    }

    final EventLoop loop(SimHost host, boolean direct) {
        EventLoop loop = direct ? host.loop(EventLoopBuilder::direct) : host.loop();
        loops.add(loop);
        return loop;
    }

    // ---- what a swarm of another protocol changes

    void configure(TcpServerBuilder settings) {}

    /** Returns whether a client of these settings may end its output and go on reading. */
    boolean configure(TcpClientBuilder settings) {
        return true;
    }

    /** Starts clients of other kinds. */
    void startOthers() {}

    boolean areOthersOver() {
        return true;
    }

    void checkOthers() {}

    // ----

    final void run() throws Exception {
        TcpServerBuilder settings = TcpServer.builder()
                .address(serverHost.address(80))
                .loop(serverLoop)
                .handlers(connection -> new Echo())
                .options(options);
        if (network.draw(3) == 0) {
            settings.maxConnections(1 + network.draw(2));
        }
        if (network.draw(3) == 0) {
            settings.readLimit(sharedLimit());
        }
        if (network.draw(3) == 0) {
            settings.writeLimit(sharedLimit());
        }
        configure(settings);
        TcpServer started = settings.start();
        int count = 1 + network.draw(4);
        for (int i = 0; i < count; i++) {
            SimHost host = network.host("client" + i);
            clients.add(new Client(i, host, loop(host, network.draw(2) == 0)));
        }
        clients.forEach(Client::connect);
        startOthers();
        trouble();
        network.runUntil("every client has ended", () -> clients.stream().allMatch(Client::isOver) && areOthersOver());
        CompletableFuture<Boolean> closed = started.close(Duration.ofSeconds(1 + network.draw(100)));
        network.runUntil("the server has closed", closed::isDone);
        require(!benign || network.now().compareTo(NEVER) < 0, "a time-out was needed, though nothing went wrong");
        network.run(); // threads may be in the midst of a call
        check(started);
        loops.forEach(EventLoop::close);
        network.run();
        for (EventLoop each : loops) {
            long counted = MemoryBudget.of(each).usedBytes();
            require(counted == 0, counted + " bytes are still counted in the budget of " + each);
        }
        network.assertNothingLeaked();
    }

    private void trouble() {
        if (benign) {
            return;
        }
        for (int troubles = network.draw(4); troubles > 0; troubles--) {
            Duration after = Duration.ofMillis(network.draw(400));
            Duration length = Duration.ofMillis(1L + network.draw(5_000));
            Client victim = clients.get(network.draw(clients.size()));
            String name = victim.host.hostName();
            switch (network.draw(8)) {
                case 0 -> {
                    network.after(after, () -> network.partition("server", name));
                    network.after(after.plus(length), () -> network.heal("server", name));
                }
                case 1 -> network.after(after, () -> victim.host.pause(length));
                case 2 -> network.after(after, () -> serverHost.pause(length));
                case 3 -> network.after(after, victim::abort);
                case 4 -> {
                    network.after(after, () -> network.partitionWay("server", name));
                    network.after(after.plus(length), () -> network.heal("server", name));
                }
                case 5 -> network.after(after, () -> network.timeOut("server", name));
                case 6 -> network.after(after, () -> victim.host.clockDrift(network.draw(100) / 100.0 - 0.5));
                default -> network.after(after, victim::close);
            }
        }
    }

    private void check(TcpServer closedServer) {
        require(closedServer.connections() == 0, "places are left: " + closedServer.connections());
        for (Echo echo : echoes.values()) {
            echo.checkOver();
            checkCause("the server", echo.cause, false);
        }
        clients.forEach(Client::check);
        checkOthers();
        require(pool.stats().leasedBytes() == 0, pool.stats().leasedBytes() + " bytes are still leased");
        require(network.errors().isEmpty(), "errors were reported: " + network.errors());
    }

    private void checkCause(String who, @Nullable CloseCause cause, boolean aborted) {
        Set<CloseCause> allowed = benign ? WELL : AT_ALL;
        require(
                allowed.contains(cause) || aborted && cause == CloseCause.ABORTED,
                who + " ended with " + cause + (benign ? ", though nothing went wrong" : ""));
    }

    /** Gives everything back, at the pace of the client; sometimes leaves bytes unread that come again. */
    final class Echo extends CheckedHandler {
        private @Nullable ByteBuffer left;
        private @Nullable Connection connection;
        private int echoed;

        @Override
        void opened(Connection connection) {
            this.connection = connection;
            echoes.put(connection.remoteAddress(), this);
        }

        @Override
        void data(Connection connection, ByteBuffer bytes) {
            int end = bytes.limit();
            boolean leaveOne = bytes.remaining() > 1 && network.draw(4) == 0;
            left = leaveOne ? ByteBuffer.allocate(1).put(0, bytes.get(end - 1)) : null;
            echoed += leaveOne ? bytes.remaining() - 1 : bytes.remaining();
            boolean goOn = connection.write(bytes.limit(leaveOne ? end - 1 : end)) == WriteResult.CONTINUE;
            bytes.limit(end);
            if (!goOn) {
                connection.pauseReading();
            }
        }

        @Override
        void ended(Connection connection) {
            if (left != null) {
                connection.write(left); // it will not come again, as nothing comes after it
            }
            connection.close();
        }

        @Override
        void writable(Connection connection) {
            connection.resumeReading();
        }

        @Override
        void checkOver() {
            super.checkOver();
            Connection known = connection;
            if (known != null && known.readLimiter() != null) {
                require(known.readLimitStats().bytes() >= echoed, "bytes passed the limit uncounted");
            }
        }
    }

    final class Client extends CheckedHandler {
        final SimHost host;
        private final EventLoop loop;
        private final Executor others;
        private final byte[] toSend;
        private final List<int[]> completions = new ArrayList<>();
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private @Nullable Connection connection;
        private boolean connectFailed;
        private int sent;
        private boolean endedWell;
        private boolean ended;
        private boolean aborted;
        private boolean halfCloses;

        Client(int number, SimHost host, EventLoop loop) {
            this.host = host;
            this.loop = loop;
            this.others = host.executor(1);
            this.toSend = new byte[network.draw(6_000)];
            for (int i = 0; i < toSend.length; i++) {
                toSend[i] = (byte) (i * 31 + number);
            }
        }

        void connect() {
            TcpClientBuilder settings =
                    TcpClient.builder().loop(loop).options(options).connectTimeout(Duration.ofSeconds(20));
            halfCloses = configure(settings);
            TcpClient client = settings.build();
            InetSocketAddress to = serverHost.address(80);
            CompletableFuture<Void> unused = client.connect(to, this).handle((made, failure) -> {
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
                ended = true;
                aborted = true;
                known.abort();
            }
        }

        void close() {
            Connection known = connection;
            if (known != null) {
                ended = true;
                known.close();
            }
        }

        @Override
        void opened(Connection opened) {
            connection = opened;
            if (network.draw(2) == 0) {
                sendSome(opened);
            } else {
                others.execute(() -> sendSome(opened));
            }
        }

        /**
         * Some pieces, and then again, until everything is sent: in the loop or on another thread, but one at a time.
         */
        private void sendSome(Connection to) {
            for (int pieces = 1 + network.draw(5); pieces > 0 && sent < toSend.length; pieces--) {
                int length = Math.min(toSend.length - sent, 1 + network.draw(700));
                ByteBuffer piece = ByteBuffer.wrap(toSend, sent, length);
                sent += length;
                if (network.draw(2) == 0) {
                    to.write(piece);
                } else {
                    int[] completed = new int[1];
                    completions.add(completed);
                    to.write(piece, (written, buffer, failure) -> completed[0]++);
                }
            }
            if (!to.isOpen()) {
                return;
            }
            if (sent == toSend.length && !halfCloses) {
                closeIfAllIsThere(to);
                return;
            }
            if (sent == toSend.length) {
                try {
                    to.shutdownOutput();
                } catch (IllegalStateException e) {
                    require(ended || !to.isOpen(), "the output was shut down before");
                }
                return;
            }
            switch (network.draw(3)) {
                case 0 -> others.execute(() -> sendSome(to));
                case 1 -> loop.execute(() -> sendSome(to));
                default -> {
                    to.pauseReading();
                    loop.execute(() -> {
                        to.resumeReading();
                        sendSome(to);
                    });
                }
            }
        }

        @Override
        void data(Connection from, ByteBuffer bytes) {
            byte[] taken = new byte[bytes.remaining()];
            bytes.get(taken);
            received.writeBytes(taken);
            if (!halfCloses) {
                closeIfAllIsThere(from);
            }
        }

        /** All but the byte that the server may have left unread, and echoes at the end. */
        private int least() {
            return halfCloses ? toSend.length : toSend.length - 1;
        }

        private void closeIfAllIsThere(Connection known) {
            if (sent == toSend.length && received.size() >= least()) {
                known.close();
            }
        }

        @Override
        void ended(Connection from) {
            endedWell = true;
            from.close();
        }

        void check() {
            byte[] got = received.toByteArray();
            require(
                    got.length <= sent && Arrays.equals(got, 0, got.length, toSend, 0, got.length),
                    "what came back is not what was sent");
            if (connectFailed) {
                require(closes == 0, "onClose of a connection that never was");
                require(!benign, "could not connect, though nothing went wrong");
                return;
            }
            checkOver();
            checkCause(host.hostName(), cause, aborted);
            for (int[] completed : completions) {
                require(completed[0] == 1, "a write was completed " + completed[0] + " times");
            }
            Connection known = connection;
            Echo echo = known == null ? null : echoes.get(known.localAddress());
            boolean servedWell = echo != null && (echo.cause == CloseCause.PEER || echo.cause == CloseCause.LOCAL);
            if (benign || endedWell && servedWell && !ended) {
                require(
                        got.length >= least(),
                        host.hostName() + " got " + got.length + " of " + toSend.length + " bytes; it ended with "
                                + cause + ", the server with " + (echo == null ? null : echo.cause));
            }
        }
    }
}
