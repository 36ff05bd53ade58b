package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.memory.MemoryBudget;
import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsContext;
import io.millio.pool.BufferPool;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A server and clients in each venue, and the check that nothing is left of them. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.millio.net.Venue#all")
@SuppressWarnings("NullAway.Init")
public abstract class NetCase {
    @Parameter
    public Venue.Kind kind;

    public Venue venue;
    public final BufferPool pool = BufferPool.builder().build();
    public final MemoryBudget budget = MemoryBudget.builder().build();
    public ConnectionOptions options = ConnectionOptions.DEFAULT.withBuffers(pool);

    @Nullable
    public TlsContext serverTls;

    @Nullable
    public TlsContext clientTls;

    /** Why connections of the server have ended that never opened. */
    public final List<RefusalListener.Reason> refused = new CopyOnWriteArrayList<>();

    private final List<Recorder> recorders = new ArrayList<>();
    private @Nullable TcpServer server;
    private @Nullable TcpClient client;
    private boolean errorsExpected;

    protected NetCase() {}

    @BeforeEach
    public void open() {
        venue = kind.open();
        if (kind.isEncrypted()) {
            serverTls = Certificates.server().build();
            clientTls = Certificates.client().protocols(kind.protocol()).build();
        }
    }

    /** For tests of what TLS changes. */
    public final void needsPlain() {
        Assumptions.assumeFalse(kind.isEncrypted(), "not of TLS");
    }

    /** For tests of what TLS 1.2 does not have: there an end is that of both ways. */
    public final void needsHalfClose() {
        Assumptions.assumeFalse(kind == Venue.Kind.NIO_TLS12, "TLS 1.2 has no half-close");
    }

    @AfterEach
    public void close() {
        if (client != null) {
            client.close();
        }
        venue.close();
        assertThat(pool.stats().leasedBytes()).as("bytes still leased").isZero();
        assertThat(budget.usedBytes()).as("bytes still counted").isZero();
        assertThat(budget.stats().connections()).as("connections still counted").isZero();
        assertThat(recorders).as("nested callbacks").noneMatch(recorder -> recorder.nested);
        for (Recorder recorder : recorders) {
            if (!recorder.callbacks.isEmpty()) {
                assertThat(recorder.callbacks.get(0)).isEqualTo("open");
                assertThat(recorder.callbacks).containsOnlyOnce("open").containsOnlyOnce("close");
                assertThat(recorder.callbacks.get(recorder.callbacks.size() - 1))
                        .isEqualTo("close");
            }
        }
        if (server != null) {
            assertThat(server.connections()).as("places still taken").isZero();
        }
        if (!errorsExpected) {
            assertThat(venue.errors).isEmpty();
        }
    }

    public void expectErrors() {
        errorsExpected = true;
    }

    public Recorder tracked(Recorder recorder) {
        recorders.add(recorder);
        return recorder;
    }

    public TcpServerBuilder serverBuilder() {
        TcpServerBuilder builder = TcpServer.builder()
                .address(venue.anyAddress())
                .loop(venue.serverLoop())
                .options(options)
                .memoryBudget(budget)
                .refusals((remote, why, failure) -> refused.add(why));
        return serverTls == null ? builder : builder.tls(serverTls);
    }

    public TcpServer start(TcpServerBuilder builder) throws IOException {
        TcpServer started = builder.start();
        server = started;
        return started;
    }

    /** Starts a server with one handler, which is called for all connections. */
    public TcpServer serve(Recorder handler) throws IOException {
        return start(serverBuilder().handler(tracked(handler)));
    }

    public SocketAddress address() {
        if (server == null) {
            throw new AssertionError("no server");
        }
        return server.localAddress();
    }

    public TcpClient client() {
        TcpClient known = client;
        if (known == null) {
            TcpClientBuilder builder = TcpClient.builder()
                    .loop(venue.clientLoop())
                    .options(options)
                    .memoryBudget(budget)
                    .connectTimeout(Duration.ofSeconds(5));
            known = (clientTls == null ? builder : builder.tls(clientTls)).build();
            client = known;
        }
        return known;
    }

    public Connection connect(Recorder handler) {
        CompletableFuture<Connection> connecting = client().connect(address(), tracked(handler));
        venue.until("connected", connecting::isDone);
        return connecting.join();
    }

    /** Does something in the client's loop, outside of callbacks. */
    public void inClientLoop(Runnable action) {
        boolean[] done = {false};
        venue.clientLoop().execute(() -> {
            action.run();
            done[0] = true;
        });
        venue.until("done in the loop", () -> done[0]);
    }

    /** Waits for what other threads do, when the loops are closed. */
    public static void eventually(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > 20_000_000_000L) {
                throw new AssertionError("waited in vain until " + what);
            }
            Thread.onSpinWait();
        }
    }

    /** Holds up a thread of the compute pool, as a slow disk does. */
    public static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What a future has failed with. */
    public static Throwable failureOf(CompletableFuture<?> future) {
        Throwable[] failed = new Throwable[1];
        CompletableFuture<?> unused = future.whenComplete((value, failure) -> failed[0] = failure);
        assertThat(failed[0]).isNotNull();
        return failed[0];
    }

    /** Compares, and names the first difference instead of printing megabytes. */
    public static void assertBytes(byte[] got, byte[] expected) {
        assertThat(Arrays.mismatch(got, expected))
                .as("first difference of " + got.length + " bytes, " + expected.length + " expected")
                .isEqualTo(-1);
    }

    public static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Bytes that differ by place, so that a gap or a swap is seen. */
    public static byte[] pattern(int length) {
        byte[] made = new byte[length];
        for (int i = 0; i < length; i++) {
            made[i] = (byte) (i * 31 + (i >>> 8) * 17 + (i >>> 16));
        }
        return made;
    }

    /** Fills the backlog of a Unix-domain listener, with connections that the caller closes. */
    public static void fillBacklog(ServerSocketChannel listener, List<SocketChannel> with) throws IOException {
        for (boolean full = false; !full; ) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            with.add(channel);
            channel.configureBlocking(false);
            try {
                channel.connect(listener.getLocalAddress());
            } catch (SocketException e) {
                full = true;
            }
        }
    }
}
