package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.LoopError;
import io.millio.net.tls.Certificates;
import io.millio.pool.BufferPool;
import io.millio.transport.Transport;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Real sockets, two loops, an echo server and one over TLS, both full all the time: more clients than there are places,
 * which half-close, reset, stall, flood, send garbage or a part of a handshake, at random. Among them are well-behaved
 * ones, which must be served soon all the time.
 */
final class Soak {
    private static final int MAX_CONNECTIONS = 8;
    private static final int RUDE = 10;
    private static final int WELL_BEHAVED = 2;

    /** After this a server ends a connection that stalls, or a handshake that does. */
    private static final Duration IDLE = Duration.ofMillis(300);

    private final Duration length;
    private final Duration patience;
    private final long seed;
    private final List<LoopError> errors = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final BufferPool pool = BufferPool.builder().build();
    private final SSLContext platform = TlsPeersTest.platformContext();
    private final byte[] hello = TlsSwarm.hello();

    private final AtomicLong opened = new AtomicLong();
    private final AtomicLong closed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong echoed = new AtomicLong();
    private final AtomicLong exchanges = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private final AtomicLong worstNanos = new AtomicLong();
    private final AtomicLong samples = new AtomicLong();
    private final AtomicLong fullSamples = new AtomicLong();
    private volatile boolean over; // volatile: set by the thread of the test, read by those of the clients

    Soak(Duration length, Duration patience, long seed) throws Exception {
        this.length = length;
        this.patience = patience;
        this.seed = seed;
    }

    /** Runs it on a transport, and returns its figures. */
    String run(Transport transport) throws Exception {
        long before = openSockets();
        EventLoopGroup loops = EventLoop.builder()
                .direct()
                .transport(transport)
                .errorHandler(errors::add)
                .buildGroup(2);
        TcpServer plain = builder(loops).start();
        TcpServer tls = builder(loops)
                .tls(Certificates.server().handshakeTimeout(IDLE).build())
                .refusals((remote, cause, failure) -> refused.incrementAndGet())
                .start();
        loops.start();
        List<Thread> clients = new ArrayList<>();
        for (TcpServer server : List.of(plain, tls)) {
            for (int i = 0; i < RUDE + WELL_BEHAVED; i++) {
                Client client = new Client(server, server == tls, new Random(seed * 31 + clients.size()));
                boolean rude = i < RUDE;
                clients.add(new Thread(() -> run(client, rude)));
            }
        }
        clients.forEach(Thread::start);
        long end = System.nanoTime() + length.toNanos();
        while (System.nanoTime() < end && failures.isEmpty()) {
            clients.get(0).join(Math.max(1, Math.min(100, (end - System.nanoTime()) / 1_000_000)));
        }
        over = true;
        for (Thread client : clients) {
            client.join();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError(failures.get(0).getMessage(), failures.get(0));
        }
        checkEnd(List.of(plain, tls), loops, before);
        return ("%s, %s: %d connections opened, %d refused, %d exchanges of well-behaved clients, worst %d ms,"
                        + " %d retries, %d bytes echoed, full in %d of %d samples")
                .formatted(
                        transport.name(),
                        length,
                        opened.get(),
                        refused.get(),
                        exchanges.get(),
                        worstNanos.get() / 1_000_000,
                        retries.get(),
                        echoed.get(),
                        fullSamples.get(),
                        samples.get());
    }

    private TcpServerBuilder builder(EventLoopGroup loops) {
        return TcpServer.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .loops(loops)
                .maxConnections(MAX_CONNECTIONS)
                .maxConnectionsPerAddress(MAX_CONNECTIONS)
                .options(ConnectionOptions.DEFAULT
                        .withBuffers(pool)
                        .withWatermarks(1_000, 16_000)
                        .withIdleTimeout(IDLE)
                        .withWriteStallTimeout(IDLE)
                        .withCloseTimeout(IDLE.dividedBy(3)))
                .handlers(connection -> new Echo());
    }

    private void checkEnd(List<TcpServer> servers, EventLoopGroup loops, long socketsBefore) throws Exception {
        for (TcpServer server : servers) {
            NetCase.eventually("all have gone from " + server, () -> server.connections() == 0);
            assertThat(server.quota.addresses()).as("addresses counted").isZero();
            assertThat(server.close(Duration.ofSeconds(20)).get()).as("drained").isTrue();
        }
        assertThat(loops.shutdown(Duration.ofSeconds(20)).get())
                .as("loops shut down")
                .isTrue();
        for (EventLoop loop : loops.loops()) {
            assertThat(loop.stats().registrations()).as("registrations left").isZero();
            assertThat(loop.stats().timers()).as("timers left").isZero();
        }
        assertThat(closed.get()).as("onClose for each onOpen").isEqualTo(opened.get());
        assertThat(pool.stats().leasedBytes()).as("bytes still leased").isZero();
        assertThat(errors).isEmpty();
        assertThat(exchanges.get()).as("exchanges").isPositive();
        assertThat(refused.get()).as("refused").isPositive();
        assertThat(fullSamples.get()).as("samples of a full server").isPositive();
        long now = openSockets();
        // The JDK keeps one, which it puts in the place of those that it closes.
        NetCase.eventually(
                "the sockets are closed, of " + now + " all but " + socketsBefore,
                () -> openSockets() <= socketsBefore + 1);
    }

    /** How many sockets this process has open; 0 where the system does not say. */
    private static long openSockets() {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(descriptors)) {
            return all.filter(Soak::isSocket).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    private final class Echo implements ConnectionHandler {
        private boolean ended;

        @Override
        public void onOpen(Connection connection) {
            opened.incrementAndGet();
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            echoed.addAndGet(bytes.remaining());
            if (connection.write(bytes) == WriteResult.PAUSE) {
                connection.pauseReading();
            }
        }

        @Override
        public void onWritable(Connection connection) {
            connection.resumeReading();
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            closed.incrementAndGet();
            if (ended || cause == CloseCause.HANDLER_FAILED) {
                failures.add(new AssertionError("ended twice, or with " + cause, failure));
            }
            ended = true;
        }
    }

    // ---- clients

    private void run(Client client, boolean rude) {
        try {
            while (!over && failures.isEmpty()) {
                if (rude) {
                    client.beRude();
                } else {
                    client.behave();
                }
            }
        } catch (Throwable t) {
            failures.add(t);
        }
    }

    private final class Client {
        private final TcpServer server;
        private final boolean encrypted;
        private final Random random;

        Client(TcpServer server, boolean encrypted, Random random) {
            this.server = server;
            this.encrypted = encrypted;
            this.random = random;
        }

        private Socket connect(boolean encrypt) throws IOException {
            InetSocketAddress at = (InetSocketAddress) server.localAddress();
            Socket socket = new Socket(at.getAddress(), at.getPort());
            socket.setSoTimeout((int) patience.toMillis());
            if (!encrypt) {
                return socket;
            }
            SSLSocket secured =
                    (SSLSocket) platform.getSocketFactory().createSocket(socket, "localhost", at.getPort(), true);
            secured.setEnabledProtocols(new String[] {random.nextBoolean() ? "TLSv1.3" : "TLSv1.2"});
            return secured;
        }

        private byte[] bytes(int most) {
            byte[] made = new byte[1 + random.nextInt(most)];
            random.nextBytes(made);
            return made;
        }

        // ---- well-behaved

        /** One connection with some exchanges; each must be served soon, and to the byte. */
        void behave() throws IOException {
            long begin = System.nanoTime();
            while (!attempt(begin)) {
                retries.incrementAndGet();
                if (over) {
                    return;
                }
            }
        }

        /** False if this side was too slow for the timeouts of the server, which is no fault of it. */
        private boolean attempt(long begin) throws IOException {
            long since = begin;
            long heard = begin; // after this the server has heard of this client
            boolean connected = false;
            try (Socket socket = connect(encrypted)) {
                heard = System.nanoTime();
                for (int i = random.nextInt(20); i >= 0; i--) {
                    byte[] sent = bytes(4_000);
                    long begun = System.nanoTime();
                    socket.getOutputStream().write(sent);
                    byte[] got = socket.getInputStream().readNBytes(sent.length);
                    if (got.length < sent.length) {
                        throw new IOException("ended after " + got.length + " of " + sent.length + " bytes");
                    }
                    if (!Arrays.equals(got, sent)) {
                        throw new AssertionError("another echo than was sent");
                    }
                    connected = true;
                    heard = begun;
                    long now = System.nanoTime();
                    served(now - since);
                    since = now;
                }
            } catch (SocketTimeoutException e) {
                throw new AssertionError("not served within " + patience, e);
            } catch (IOException e) {
                long took = System.nanoTime() - heard;
                if (took < IDLE.toNanos() / 2) {
                    throw new AssertionError("ended after only " + took / 1_000_000 + " ms by " + server + ": " + e, e);
                }
                return connected;
            }
            samples.incrementAndGet();
            int connections = server.connections();
            if (connections >= MAX_CONNECTIONS) {
                fullSamples.incrementAndGet();
            }
            assertThat(connections).as("connections").isLessThanOrEqualTo(MAX_CONNECTIONS);
            return true;
        }

        private void served(long nanos) {
            exchanges.incrementAndGet();
            worstNanos.accumulateAndGet(nanos, Math::max);
            assertThat(Duration.ofNanos(nanos)).as("time to be served").isLessThan(patience);
        }

        // ---- the others

        void beRude() {
            boolean encrypt = encrypted && random.nextInt(3) == 0;
            try (Socket socket = connect(encrypt)) {
                byte[] sent = encrypted && !encrypt ? words() : random.nextInt(4) > 0 ? bytes(10_000) : new byte[0];
                socket.getOutputStream().write(sent);
                end(socket, sent, encrypt);
            } catch (SocketTimeoutException e) {
                failures.add(new AssertionError("not ended within " + patience + " by " + server, e));
            } catch (IOException e) {
                // The server has ended it first.
            }
        }

        /** No handshake, or a part of one. */
        private byte[] words() {
            return switch (random.nextInt(4)) {
                case 0 -> new byte[0];
                case 1 -> bytes(500);
                case 2 -> hello;
                default -> Arrays.copyOf(hello, 1 + random.nextInt(hello.length - 1));
            };
        }

        private void end(Socket socket, byte[] sent, boolean encrypt) throws IOException {
            switch (random.nextInt(6)) {
                case 0 -> { // half-closes, and reads to the end
                    if (!encrypt) {
                        socket.shutdownOutput();
                    }
                    byte[] got = socket.getInputStream().readAllBytes();
                    if (encrypt || !encrypted) {
                        int count = Math.min(got.length, sent.length);
                        assertThat(Arrays.mismatch(got, 0, got.length, sent, 0, count))
                                .as("first difference of an echo")
                                .isEqualTo(-1);
                    }
                }
                case 1 -> { // stalls until the server ends it
                    byte[] unused = socket.getInputStream().readAllBytes();
                }
                case 2 -> flood(socket);
                case 3, 4 -> socket.setSoLinger(true, 0); // resets
                default -> {} // closes
            }
        }

        /** Sends and does not read. */
        private void flood(Socket socket) throws IOException {
            OutputStream to = socket.getOutputStream();
            byte[] part = bytes(20_000);
            for (int i = random.nextInt(20); i >= 0; i--) {
                to.write(part);
            }
        }
    }
}
