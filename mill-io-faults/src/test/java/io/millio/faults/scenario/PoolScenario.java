package io.millio.faults.scenario;

import io.millio.EventLoopBuilder;
import io.millio.faults.FaultPoint;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.TcpClient;
import io.millio.net.pool.ConnectionLease;
import io.millio.net.pool.ConnectionPool;
import io.millio.pool.BufferPool;
import java.io.ByteArrayOutputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Requests to a pool from several threads: more than it has connections, one that is cancelled, some to an endpoint
 * that refuses connections; and one more after the fault, which gets a connection.
 */
@SuppressWarnings("NullAway.Init") // set at the start of each run
final class PoolScenario extends SimScenario {
    private static final int REQUESTS = 5;

    private BufferPool buffers;
    private ConnectionPool pool;
    private SocketAddress echo;
    private final List<Request> requests = new ArrayList<>();

    /** A request that sends bytes on its connection, waits until they have come back, and releases the connection. */
    private final class Request implements ConnectionHandler {
        private final byte[] message;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private @Nullable ConnectionLease lease;
        private boolean submitted;
        private boolean failed;

        Request(int length) {
            message = Peer.bytes(length);
            requests.add(this);
        }

        Request submit(SocketAddress to) throws Throwable {
            List<CompletableFuture<ConnectionLease>> made = new ArrayList<>();
            submitted = attempt(() -> made.add(pool.acquire(to, this)));
            if (submitted) {
                CompletableFuture<ConnectionLease> future = made.get(0);
                completes("request " + message.length, future);
                if (!attempt(() -> await(future))) { // the fault struck before the callback was attached
                    boolean unused = calmly(() -> await(future));
                }
            }
            return this;
        }

        private boolean await(CompletableFuture<ConnectionLease> future) {
            CompletableFuture<?> unused = future.whenComplete(this::acquired);
            return true;
        }

        private void acquired(@Nullable ConnectionLease acquired, @Nullable Throwable failure) {
            if (acquired == null) {
                failed = true;
                caught.add(Objects.requireNonNull(failure));
                return;
            }
            lease = acquired;
            try {
                if (!attempt(() -> acquired.connection().write(ByteBuffer.wrap(message)))) {
                    failed = true;
                    acquired.discard();
                }
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }

        @Override
        public void onData(Connection connection, ByteBuffer data) throws Exception {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            received.write(bytes);
            if (received.size() >= message.length && lease != null) {
                lease.release();
            }
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            failed = true;
            if (failure != null) {
                caught.add(failure);
            }
        }

        boolean isExact() {
            byte[] got = received.toByteArray();
            return got.length <= message.length && Arrays.equals(got, Arrays.copyOf(message, got.length));
        }

        boolean isDone() {
            return received.size() == message.length;
        }

        boolean isOver() {
            return !submitted || isDone() || failed;
        }

        @Override
        public String toString() {
            return "request of " + message.length + " bytes, got " + received.size() + (failed ? ", failed" : "");
        }
    }

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return builder.direct();
    }

    @Override
    void act() throws Throwable {
        requests.clear();
        FaultPoint.pause();
        buffers = BufferPool.builder().build();
        EchoPeers peers = new EchoPeers(network, network.host("echo"), 80);
        echo = network.host("echo").address(80);
        TcpClient client = TcpClient.builder()
                .loop(loop)
                .options(ConnectionOptions.DEFAULT.withBuffers(buffers))
                .resolver(host -> CompletableFuture.failedFuture(new AssertionError(host)))
                .build();
        pool = ConnectionPool.builder(client)
                .maxPerEndpoint(2)
                .minIdle(1)
                .acquireTimeout(Duration.ofSeconds(5))
                .connectBackoff(Duration.ofMillis(10), Duration.ofMillis(40))
                .idleTimeout(Duration.ofMillis(200))
                .build();
        FaultPoint.resume();
        request();
        runFor(7_000);
        FaultPoint.pause();
        if (!loop.isClosed()) {
            check();
        }
        FaultPoint.resume();
        close();
        FaultPoint.pause();
        expect(peers.open() == 0, "connections are left: " + peers.open());
        client.close();
        peers.close();
        FaultPoint.resume();
    }

    private void request() throws Throwable {
        List<CompletableFuture<?>> warm = new ArrayList<>();
        if (attempt(() -> warm.add(pool.warmUp(echo)))) {
            completes("the warm-up", warm.get(0));
        }
        for (int i = 0; i < REQUESTS; i++) {
            new Request(100 + i).submit(echo);
        }
        SocketAddress refusing = calmly(() -> network.host("echo").address(81));
        for (int i = 0; i < 3; i++) {
            refused("refused request " + i, refusing);
        }
        attempt(() -> loop.execute(() -> {
            try {
                attempt(() -> new Request(200).submit(echo));
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }));
        List<CompletableFuture<ConnectionLease>> cancelled = new ArrayList<>();
        attempt(() -> cancelled.add(pool.acquire(echo, new EmptyHandler())));
        cancelled.forEach(each -> completes("cancelled request", each));
        for (CompletableFuture<ConnectionLease> each : cancelled) {
            if (!attempt(() -> each.cancel(false))) {
                attempt(() -> each.cancel(false));
            }
        }
    }

    private void refused(String name, SocketAddress to) throws Throwable {
        List<CompletableFuture<?>> made = new ArrayList<>();
        if (attempt(() -> made.add(pool.acquire(to, new EmptyHandler())))) {
            completes(name, made.get(0));
        }
    }

    private static final class EmptyHandler implements ConnectionHandler {
        @Override
        public void onData(Connection connection, ByteBuffer data) {}
    }

    private void check() throws Throwable {
        int struck = FaultPoint.thrown();
        expect(requests.stream().allMatch(Request::isExact), "other bytes came back");
        long harmed = requests.stream()
                .filter(each -> each.submitted && !each.isDone())
                .count();
        expect(harmed <= struck, "harmed: " + requests);
        expect(harmed == 0 || isReported(), "the failure was not reported");
        expect(requests.stream().allMatch(Request::isOver), "stalled: " + requests);
        Request later = new Request(150).submit(echo);
        runFor(1_000);
        expect(later.isDone() && later.isExact(), "after the fault: " + later);
    }

    private void close() throws Throwable {
        List<CompletableFuture<Boolean>> closed = new ArrayList<>();
        boolean done = false;
        for (int i = 0; i < 10 && !done; i++) { // memory may be scarce for a while
            done = attempt(() -> closed.add(pool.close(Duration.ofSeconds(1))));
        }
        runFor(3_000);
        closed.forEach(each -> completes("the close of the pool", each));
    }

    @Override
    void checkRest() {
        long leased = buffers.stats().leasedBytes();
        expect(leased == 0, "leased bytes are left: " + leased);
    }
}
