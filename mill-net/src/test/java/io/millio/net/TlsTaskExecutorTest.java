package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.net.tls.Certificates;
import io.millio.net.tls.HeldTrust;
import io.millio.net.tls.TestTrust;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsContextBuilder;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes that compute where the program wants them to. */
class TlsTaskExecutorTest extends NetCase {
    private final Recorder there = Recorder.echo();
    private final Recorder here = new Recorder();

    @BeforeEach
    void encryptedOnly() {
        Assumptions.assumeTrue(kind.isEncrypted(), "of TLS");
    }

    private TlsContextBuilder clientBuilder() {
        return Certificates.client().protocols(kind.protocol());
    }

    private void goesWell() {
        Connection connection = connect(here);
        connection.write(bytes("x"));
        venue.until("echoed", () -> here.text().equals("x"));
        connection.close();
        venue.until("closed", () -> here.isClosed() && there.isClosed());
        assertThat(refused).isEmpty();
    }

    @Test
    void aHandshakeDoesNotWaitForLongComputationsOfTheProgram() throws Exception {
        try (BusyPool busy = new BusyPool()) {
            venue.loops(EventLoop.builder().direct().computePool(busy.pool));
            busy.occupy();
            serve(there);
            goesWell();
            assertThat(busy.isOccupied()).isTrue();
        }
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task, "tasks of TLS");
        thread.start();
        return thread;
    }

    /** Where tasks run: in the turn that asks for them, or on a thread for each. */
    enum Where {
        TURN,
        THREAD
    }

    @ParameterizedTest
    @EnumSource
    void bothSidesComputeOnlyThere(Where where) throws Exception {
        Queue<Boolean> inLoops = new ConcurrentLinkedQueue<>();
        Executor executor = task -> {
            Runnable observed = () -> {
                inLoops.add(venue.serverLoop().inLoop() || venue.clientLoop().inLoop());
                task.run();
            };
            if (where == Where.TURN) {
                observed.run();
            } else {
                start(observed);
            }
        };
        serverTls = Certificates.server().taskExecutor(executor).build();
        clientTls = clientBuilder().taskExecutor(executor).build();
        serve(there);
        goesWell();

        assertThat(inLoops).hasSizeGreaterThanOrEqualTo(2).containsOnly(where == Where.TURN);
        assertThat(venue.serverLoop().computePool().stats().submitted()).isZero();
        assertThat(venue.clientLoop().computePool().stats().submitted()).isZero();
    }

    @Test
    void byDefaultItIsTheComputePool() throws Exception {
        serve(there);
        goesWell();

        assertThat(venue.serverLoop().computePool().stats().submitted()).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void aFailureThereEndsThatConnectionOnly(Where where) throws Exception {
        Executor executor = where == Where.TURN ? Runnable::run : TlsTaskExecutorTest::start;
        AtomicInteger asked = new AtomicInteger();
        clientTls = TlsContext.client()
                .protocols(kind.protocol())
                .trust(new TestTrust(chain -> {
                    if (asked.incrementAndGet() == 1) {
                        throw new CertificateException("not this one");
                    }
                }))
                .taskExecutor(executor)
                .build();
        serve(there);
        CompletableFuture<Connection> connecting = client().connect(address(), tracked(new Recorder()));
        venue.until("it has failed", connecting::isDone);
        venue.until("the server knows", () -> !refused.isEmpty());
        assertThat(failureOf(connecting)).hasStackTraceContaining("not this one");

        refused.clear();
        goesWell();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anExecutorThatDoesNotTakeThemEndsTheConnection(boolean properly) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        serverTls = Certificates.server()
                .taskExecutor(task -> {
                    if (asked.incrementAndGet() == 1) {
                        throw properly ? new RejectedExecutionException("full") : new IllegalStateException("full");
                    }
                    task.run();
                })
                .build();
        serve(there);
        CompletableFuture<Connection> connecting = client().connect(address(), tracked(new Recorder()));
        venue.until("it has failed", connecting::isDone);
        venue.until("the server knows", () -> !refused.isEmpty());
        assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);

        refused.clear();
        goesWell();
    }

    @Test
    void aConnectThatIsCancelledWhileItComputesLeavesNothing() throws Exception {
        HeldTrust held = new HeldTrust();
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        clientTls = TlsContext.client()
                .protocols(kind.protocol())
                .trust(held.trust())
                .taskExecutor(task -> threads.add(start(task)))
                .build();
        TcpServer server = serve(there);
        CompletableFuture<Connection> connecting = client().connect(address(), tracked(here));
        venue.until("it computes", () -> held.begun.getCount() == 0);

        connecting.cancel(false);
        venue.until("the socket is closed", () -> venue.clientLoop().registrations() == 0);
        held.goOn.countDown();
        for (Thread each : threads) {
            each.join();
        }
        venue.until("the server knows", () -> server.connections() == 0);

        assertThat(here.callbacks).isEmpty();
    }

    /** A task that ends afterwards has no effect: neither a failure of the thread nor a callback. */
    @Test
    void theLoopClosesWhileItComputes() throws Exception {
        HeldTrust held = new HeldTrust();
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
        clientTls = TlsContext.client()
                .protocols(kind.protocol())
                .trust(held.trust())
                .taskExecutor(task -> {
                    Thread thread = new Thread(task);
                    thread.setUncaughtExceptionHandler((of, failure) -> uncaught.add(failure));
                    thread.start();
                    threads.add(thread);
                })
                .build();
        serve(there);
        CompletableFuture<Connection> connecting = client().connect(address(), tracked(here));
        venue.until("it computes", () -> held.begun.getCount() == 0);
        EventLoop loop = venue.clientLoop();

        loop.close();
        assertThat(failureOf(connecting)).isInstanceOf(RejectedExecutionException.class);
        held.goOn.countDown();
        for (Thread each : threads) {
            each.join();
        }

        assertThat(uncaught).isEmpty();
        assertThat(here.callbacks).isEmpty();
    }

    /** A record each of HelloRequest, which a client of TLS 1.2 passes over and the engine makes a task of. */
    @ParameterizedTest
    @EnumSource
    void roundsWithoutEndAreAnEndAndAreNotNested(Where where) throws Exception {
        Assumptions.assumeTrue(kind.protocol().equals("TLSv1.2"), "TLS 1.3 does not know the message");
        List<Integer> depths = new CopyOnWriteArrayList<>();
        clientTls = clientBuilder()
                .taskExecutor(task -> {
                    depths.add(new Throwable().getStackTrace().length);
                    if (where == Where.TURN) {
                        task.run();
                    } else {
                        start(task);
                    }
                })
                .build();
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(venue.anyAddress())) {
            CompletableFuture<Connection> connecting = client().connect(server.getLocalAddress(), tracked(here));
            venue.settle();
            try (SocketChannel flood = server.accept()) { // the system has connected it
                ByteBuffer records = ByteBuffer.allocate(2_000 * 9);
                while (records.hasRemaining()) {
                    records.put(new byte[] {0x16, 3, 3, 0, 4, 0, 0, 0, 0});
                }
                flood.write(records.flip());
                venue.until("it has failed", connecting::isDone);
            }

            assertThat(failureOf(connecting)).hasMessageContaining("more than 1000 records");
        }
        assertThat(depths).hasSizeGreaterThan(900);
        assertThat(depths.get(900)).isLessThan(depths.get(0) + 100);
    }

    @Test
    @SuppressWarnings({"DataFlowIssue", "NullAway"})
    void nullIsRefused() {
        TlsContextBuilder builder = TlsContext.client();

        assertThatThrownBy(() -> builder.taskExecutor(null)).isInstanceOf(NullPointerException.class);
    }

    /** Connects, runs so many tasks of the client's, and cancels; returns how often it has asked whom to trust. */
    private int trustedAfter(int tasksBeforeCancel, Queue<Runnable> tasks) {
        AtomicInteger asked = new AtomicInteger();
        TlsContext context = TlsContext.client()
                .protocols(kind.protocol())
                .trust(new TestTrust(chain -> asked.incrementAndGet()))
                .taskExecutor(tasks::add)
                .build();
        try (TcpClient client =
                TcpClient.builder().loop(venue.clientLoop()).tls(context).build()) {
            CompletableFuture<Connection> connecting = client.connect(address(), new Recorder());
            for (int i = 0; i < tasksBeforeCancel; i++) {
                venue.until("it computes", () -> !tasks.isEmpty());
                tasks.remove().run();
            }
            venue.until("it computes, or is done", () -> !tasks.isEmpty() || connecting.isDone());
            if (!connecting.cancel(false)) {
                connecting.join().abort();
            }
            venue.until("the socket is closed", () -> venue.clientLoop().registrations() == 0);
            int before = asked.get();
            for (Runnable each; (each = tasks.poll()) != null; ) {
                each.run();
            }
            assertThat(asked.get()).as("computed after the end").isEqualTo(before);
            return before;
        }
    }

    @Test
    void whatIsQueuedForAConnectionThatHasEndedIsNotComputed() throws Exception {
        start(serverBuilder().handler(new Recorder()));
        Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        int count = 0;
        while (trustedAfter(count, tasks) == 0) {
            count++;
        }
        assertThat(count).isPositive();
    }
}
