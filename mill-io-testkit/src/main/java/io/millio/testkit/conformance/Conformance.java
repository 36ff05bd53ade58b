package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.LoopError;
import io.millio.testkit.ManualClock;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Set-up shared by the parts of the suite: loops that the test drives on a clock that the test moves, connected peers,
 * and the check that a test leaves nothing behind. The numbers of behaviours in the comments are those of
 * {@code docs/behaviours.md}.
 */
public abstract class Conformance {
    static final Duration HOUR = Duration.ofHours(1);
    static final Duration MILLI = Duration.ofMillis(1);

    /** Turns after which what has not happened is taken not to happen. */
    static final int MANY_TURNS = 40;

    /** How the names of all threads of the suite begin. */
    static final String THREADS = "conformance-";

    private static final AtomicInteger NEXT = new AtomicInteger(1);

    /** A connection to the transport under test: a stream of the transport, and its peer. */
    record Connected(TcpStream stream, Peer peer) {}

    /** What a test does on another thread. */
    interface Work {
        void run() throws Exception;
    }

    ManualClock clock = new ManualClock();
    final List<LoopError> errors = new CopyOnWriteArrayList<>();
    private final List<EventLoop> loops = new ArrayList<>();
    private final List<Closeable> opened = new ArrayList<>();
    private final List<ExecutorService> pools = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<CountDownLatch> gates = new ArrayList<>();
    private final List<Throwable> threadFailures = new CopyOnWriteArrayList<>();
    private boolean errorsExpected;
    private @Nullable LeakCheck leakCheck;
    private @Nullable Peers peers;

    /** For subclasses. */
    protected Conformance() {}

    /**
     * The transport under test.
     *
     * @return asked for several times a test
     */
    protected abstract Transport transport();

    /**
     * Makes the peers for one test.
     *
     * @return peers over the sockets of the system, unless overridden
     */
    protected Peers newPeers() {
        return new SocketPeers();
    }

    @BeforeEach
    final void begin() throws IOException {
        warmUp();
        leakCheck = new LeakCheck();
        peers = newPeers();
    }

    /** What the platform opens once and keeps is none of the test's. */
    private void warmUp() throws IOException {
        Pipe pipe = Pipe.open();
        pipe.sink().close();
        pipe.source().close();
        new CompletableFuture<Boolean>()
                .completeOnTimeout(true, 0, TimeUnit.NANOSECONDS)
                .join(); // has a thread
        try (Peers first = newPeers();
                TcpListener listener = transport().openListener(first.anyAddress(), 1)) {
            first.connect(listener.localAddress()).close();
        }
    }

    // Behaviour 35: After each test: no registration, timer, thread or descriptor is left, and nothing failed unseen.
    @AfterEach
    final void end() throws Exception {
        clock.clearReading();
        gates.forEach(CountDownLatch::countDown);
        for (EventLoop loop : loops) {
            elsewhere(loop::close); // a loop that hangs must not hang the suite
        }
        for (Closeable each : opened) {
            each.close();
        }
        if (peers != null) {
            peers.close();
        }
        for (ExecutorService pool : pools) {
            pool.shutdown();
        }
        for (Thread thread : threads) {
            join(thread);
        }
        if (leakCheck != null) {
            leakCheck.await();
        }
        for (EventLoop loop : loops) {
            assertThat(loop.stats().registrations()).as("registrations left").isZero();
            assertThat(loop.stats().timers()).as("timers left").isZero();
        }
        assertThat(threadFailures).as("failures on threads of the test").isEmpty();
        if (!errorsExpected) {
            assertThat(errors).as("failures that the test did not expect").isEmpty();
        }
    }

    // ---- loops

    /** A loop on the test's clock that never sleeps: for the test to drive. */
    final EventLoopBuilder builder(DispatchMode mode) {
        EventLoopBuilder builder = EventLoop.builder()
                .transport(transport())
                .nanoClock(clock)
                .pollTimeout(Duration.ZERO)
                .name(THREADS + NEXT.getAndIncrement())
                .errorHandler(errors::add);
        return mode.configure(builder, this::newPool);
    }

    /** A loop on the test's clock that sleeps for an hour, so that only a wake-up or an event ends a poll. */
    final EventLoopBuilder sleepy(DispatchMode mode) {
        return builder(mode).nanoClock(transport().nanoClock()).pollTimeout(HOUR);
    }

    final EventLoop open(EventLoopBuilder builder) {
        EventLoop loop = builder.build();
        loops.add(loop);
        return loop;
    }

    final EventLoop open(DispatchMode mode) {
        return open(builder(mode));
    }

    final EventLoop open() {
        return open(DispatchMode.DIRECT);
    }

    /** A loop in its longest sleep, on a thread of its own. */
    final EventLoop asleep(DispatchMode mode) {
        EventLoop loop = open(sleepy(mode));
        threads.add(loop.start());
        return loop;
    }

    private Executor newPool() {
        ExecutorService pool = Executors.newFixedThreadPool(8, task -> new Thread(task, THREADS + "pool"));
        pools.add(pool);
        return pool;
    }

    /** Has a loop run, and waits until that returns. */
    final void run(EventLoop loop) {
        elsewhere(loop::run);
    }

    /** Has a loop run until it fails; gives what that throws. */
    final @Nullable Throwable failureOfRun(EventLoop loop) {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        elsewhere(() -> {
            try {
                loop.run();
            } catch (Throwable t) {
                failure.set(t);
            }
        });
        return failure.get();
    }

    static void turns(EventLoop loop, int turns) {
        for (int i = 0; i < turns; i++) {
            loop.runOnce();
        }
    }

    /** Drives a loop until a condition holds. */
    static void drive(EventLoop loop, String until, BooleanSupplier condition) {
        Await.until(until, condition, loop::runOnce);
    }

    final void expectErrors() {
        errorsExpected = true;
    }

    // ---- peers

    final Peers peers() {
        if (peers == null) {
            throw new IllegalStateException("outside of a test");
        }
        return peers;
    }

    final <T extends Closeable> T track(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    final TcpListener listen(Transport on) throws IOException {
        return track(on.openListener(peers().anyAddress(), 64));
    }

    final Connected connected() throws IOException {
        try (TcpListener listener = transport().openListener(peers().anyAddress(), 1)) {
            Peer peer = peers().connect(listener.localAddress());
            return new Connected(track(accept(listener)), peer);
        }
    }

    static TcpStream accept(TcpListener listener) throws IOException {
        AtomicReference<@Nullable TcpStream> accepted = new AtomicReference<>();
        Await.until("a connection can be accepted", () -> {
            try {
                accepted.set(listener.accept());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return accepted.get() != null;
        });
        TcpStream stream = accepted.get();
        if (stream == null) {
            throw new AssertionError("no connection");
        }
        return stream;
    }

    static void send(Peer peer, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        Await.until("the peer has sent " + text, () -> {
            try {
                peer.write(bytes);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return !bytes.hasRemaining();
        });
    }

    /** Reads what is there; the empty text also at the end. */
    static String read(TcpStream stream, int atMost) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(atMost);
        stream.read(bytes);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
    }

    static String read(Peer peer, int atMost) {
        ByteBuffer bytes = ByteBuffer.allocate(atMost);
        try {
            peer.read(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
    }

    // ---- threads

    /** A gate at which a handler waits until the test opens it; at the end of the test it is open in any case. */
    final CountDownLatch gate() {
        CountDownLatch gate = new CountDownLatch(1);
        gates.add(gate);
        return gate;
    }

    /** Starts a thread that the test joins at its end at the latest. */
    final Thread spawn(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (Throwable t) {
                        threadFailures.add(t);
                    }
                },
                THREADS + "thread");
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
        return thread;
    }

    /** Does something on another thread and waits for it. */
    final void elsewhere(Work work) {
        join(spawn(work));
    }

    static void join(Thread thread) {
        Await.until(thread + " has ended", () -> !thread.isAlive());
    }
}
