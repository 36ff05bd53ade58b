package io.millio.bench.http.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Connections to one server that send the requests of one profile. Each sends the next when the last is answered, so
 * that the server is never without work for long, and a slow one gets fewer requests. One thread.
 */
public final class Load implements AutoCloseable {
    private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int SELECT_MILLIS = 100;
    private static final int READ_BYTES = 1 << 16;

    private final Profile profile;
    private final SocketAddress server;
    private final Selector selector;
    private final ByteBuffer request;
    private final ByteBuffer direct = ByteBuffer.allocateDirect(READ_BYTES);
    private final byte[] bytes = new byte[READ_BYTES];
    private final Set<LoadConnection> connections = new HashSet<>();
    private final Histogram latencies = new Histogram(MAX_LATENCY_NANOS, 3);
    private long requests;
    private boolean ending;

    /**
     * What a run has measured.
     *
     * @param requests answered
     * @param nanos from the first request to the last answer
     * @param p99Nanos the latency that 99 % of the requests did not exceed
     */
    public record Result(long requests, long nanos, long p99Nanos) {}

    private Load(int port, Profile profile) throws IOException {
        this.profile = profile;
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        request = profile.request();
        selector = Selector.open();
    }

    /** Opens the connections of a profile, and has one request answered on each, one connection after the other. */
    @SuppressWarnings("MustBeClosedChecker") // by the caller
    public static Load open(int port, Profile profile) throws IOException {
        Load load = new Load(port, profile);
        try {
            for (int i = 0; i < profile.connections && !profile.isShort(); i++) {
                load.connect().send(profile.pipelined, System.nanoTime());
                load.drain();
            }
            return load;
        } catch (IOException | RuntimeException e) {
            load.close();
            throw e;
        }
    }

    /**
     * Sends requests for a while, and waits for the last answers.
     *
     * @throws IOException if a connection ends or an answer is not the expected one
     */
    public Result run(long nanos) throws IOException {
        latencies.reset();
        requests = 0;
        ending = false;
        long start = System.nanoTime();
        if (profile.isShort()) {
            for (int i = 0; i < profile.connections; i++) {
                connect().send(1, System.nanoTime());
            }
        } else {
            for (LoadConnection each : connections) {
                each.send(profile.pipelined, System.nanoTime());
            }
        }
        while (System.nanoTime() - start < nanos) {
            turn();
        }
        drain();
        return new Result(requests, System.nanoTime() - start, latencies.getValueAtPercentile(99));
    }

    private LoadConnection connect() throws IOException {
        LoadConnection connection = new LoadConnection(server, selector, request.duplicate());
        connections.add(connection);
        return connection;
    }

    /** Sends no more, and waits until all is answered. */
    private void drain() throws IOException {
        ending = true;
        long start = System.nanoTime();
        while (!connections.stream().allMatch(LoadConnection::isIdle)) {
            if (System.nanoTime() - start > DRAIN_NANOS) {
                throw new IOException("requests without an answer for 10 s");
            }
            turn();
        }
    }

    private void turn() throws IOException {
        selector.select(SELECT_MILLIS);
        for (SelectionKey key : selector.selectedKeys()) {
            LoadConnection connection = (LoadConnection) key.attachment();
            if (key.isWritable()) {
                connection.write();
            }
            if (key.isReadable()) {
                read(connection);
            }
        }
        selector.selectedKeys().clear();
    }

    private void read(LoadConnection connection) throws IOException {
        int answered = connection.read(direct, bytes);
        if (answered == 0) {
            return;
        }
        long now = System.nanoTime();
        requests += answered;
        latencies.recordValueWithCount(Math.min(now - connection.sentNanos(), MAX_LATENCY_NANOS), answered);
        if (!connection.isIdle()) {
            return;
        }
        if (profile.isShort()) {
            connection.close();
            connections.remove(connection);
            if (!ending) {
                long startNanos = System.nanoTime();
                connect().send(1, startNanos);
            }
        } else if (!ending) {
            connection.send(profile.pipelined, now);
        }
    }

    @Override
    public void close() throws IOException {
        for (LoadConnection each : connections) {
            each.close();
        }
        selector.close();
    }
}
