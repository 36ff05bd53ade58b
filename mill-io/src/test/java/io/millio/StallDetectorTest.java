package io.millio;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With times of the test's own: only what runs is real. */
class StallDetectorTest {
    private static final long THRESHOLD = 1_000;
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final List<Stall> stalls = new ArrayList<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final EventLoop loop = EventLoop.builder().direct().name("watched").build();
    private final StallDetector detector = loop.detector(THRESHOLD, stalls::add);

    @AfterEach
    void close() {
        mayEnd.countDown();
        loop.close();
    }

    private void block() {
        begun.countDown();
        try {
            mayEnd.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void start() throws InterruptedException {
        loop.start();
        loop.execute(this::block);
        begun.await();
    }

    @Test
    void aTaskIsReportedAfterTheThresholdAndAgainAfterTenTimesThat() throws InterruptedException {
        start();
        for (long now : new long[] {0, 500, 999}) {
            assertThat(detector.sample(now)).isTrue();
            assertThat(stalls).isEmpty();
        }
        detector.sample(1_000);
        assertThat(stalls).hasSize(1);
        detector.sample(9_999);
        assertThat(stalls).hasSize(1);
        detector.sample(10_000);
        assertThat(stalls).hasSize(2);
        detector.sample(1_000_000);
        assertThat(stalls).hasSize(2);

        Stall first = stalls.get(0);
        assertThat(first.kind()).isEqualTo(Stall.Kind.LOOP);
        assertThat(first.loop()).isSameAs(loop);
        assertThat(first.subject()).isInstanceOf(Runnable.class);
        assertThat(first.elapsed()).isEqualTo(Duration.ofNanos(1_000));
        assertThat(first.thread()).isEqualTo("watched-loop");
        assertThat(first.stack()).anyMatch(frame -> frame.getMethodName().equals("block"));
        assertThat(first.toString())
                .startsWith("watched has been busy for 0 ms with ")
                .contains("\n    at ");
    }

    @Test
    void aPauseOfTheProcessDoesNotCount() throws InterruptedException {
        start();
        detector.sample(0);
        detector.skip(2_000);
        detector.sample(2_900);
        assertThat(stalls).isEmpty();
        detector.sample(3_000);
        assertThat(stalls).hasSize(1);
    }

    @Test
    void shortRunsAreNotTakenForALongOne() throws Exception {
        loop.start();
        for (int i = 0; i < 10; i++) {
            CountDownLatch in = new CountDownLatch(1);
            CountDownLatch out = new CountDownLatch(1);
            CountDownLatch over = new CountDownLatch(1);
            loop.execute(() -> {
                in.countDown();
                try {
                    out.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            loop.execute(over::countDown);
            in.await();
            detector.sample(900L * i);
            out.countDown();
            over.await();
        }
        assertThat(stalls).isEmpty();
    }

    @Test
    void aLoopThatSleepsIsNotStalled() throws InterruptedException {
        loop.start();
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(done::countDown);
        done.await();
        while (loop.reactor().turn.run.snapshot() != null) {
            Thread.onSpinWait();
        }
        detector.sample(0);
        detector.sample(5_000);
        assertThat(stalls).isEmpty();
    }

    @Test
    void workForALoopThatNoThreadDrivesIsReportedOnce() {
        detector.sample(0);
        detector.sample(5_000);
        assertThat(stalls).as("without work").isEmpty();
        loop.execute(() -> {});
        detector.sample(6_000);
        detector.sample(6_999);
        assertThat(stalls).isEmpty();
        detector.sample(7_000);
        assertThat(stalls).singleElement().extracting(Stall::kind).isEqualTo(Stall.Kind.NOT_DRIVEN);
        assertThat(stalls.get(0).toString()).contains("watched has work and no thread");
    }

    @Test
    void aLoopThatIsDrivenNowAndThenIsNotReported() {
        for (int i = 0; i < 10; i++) {
            loop.execute(() -> {});
            detector.sample(900L * i);
            loop.runOnce();
        }
        assertThat(stalls).isEmpty();
    }

    @Test
    void aTimerIsReportedAsItself() throws InterruptedException {
        loop.start();
        Timer timer = loop.schedule(Duration.ZERO, this::block);
        begun.await();
        detector.sample(0);
        detector.sample(1_000);
        assertThat(stalls).singleElement().extracting(Stall::subject).isSameAs(timer);
    }

    @Test
    void aHandlerOnAWorkerIsReportedWithItsThread() throws Exception {
        List<Stall> ofWorkers = new ArrayList<>();
        try (EventLoop other = EventLoop.builder().workers(2).name("other").build();
                TcpListener listener = other.openListener(ANY)) {
            StallDetector watch = other.detector(THRESHOLD, ofWorkers::add);
            Registration registration = other.register(listener, Interest.READABLE, event -> block());
            other.start();
            try (Socket client = connect(listener)) {
                begun.await();
                watch.sample(0);
                watch.sample(1_000);
                watch.sample(2_000);
                assertThat(client.isConnected()).isTrue();
            }
            mayEnd.countDown();
            ofWorkers.removeIf(StallDetectorTest::isOfTheLoop);
            assertThat(ofWorkers).hasSize(1);
            Stall stall = ofWorkers.get(0);
            assertThat(stall.kind()).isEqualTo(Stall.Kind.WORKER);
            assertThat(stall.subject()).isSameAs(registration);
            assertThat(Objects.requireNonNull(stall.thread())).startsWith("other-worker");
            assertThat(stall.stack()).anyMatch(frame -> frame.getMethodName().equals("block"));
        }
    }

    /** Two handlers that wait for each other's lock, on virtual threads where this Java has them. */
    @Test
    void handlersThatAreParkedForEachOtherAreBothReported() throws Exception {
        List<Stall> found = new ArrayList<>();
        ReentrantLock one = new ReentrantLock();
        ReentrantLock other = new ReentrantLock();
        CountDownLatch both = new CountDownLatch(2);
        ExecutorService executor = threadPerTask();
        try (EventLoop deadlocked = EventLoop.builder().executor(executor).build();
                TcpListener first = deadlocked.openListener(ANY);
                TcpListener second = deadlocked.openListener(ANY)) {
            StallDetector watch = deadlocked.detector(THRESHOLD, found::add);
            deadlocked.register(first, Interest.READABLE, event -> lock(one, other, both));
            deadlocked.register(second, Interest.READABLE, event -> lock(other, one, both));
            deadlocked.start();
            try (Socket a = connect(first);
                    Socket b = connect(second)) {
                both.await();
                while (!one.hasQueuedThreads() || !other.hasQueuedThreads()) {
                    Thread.onSpinWait();
                }
                watch.sample(0);
                watch.sample(1_000);
                assertThat(a.isConnected() && b.isConnected()).isTrue();
            } finally {
                executor.shutdownNow();
            }
        }
        found.removeIf(StallDetectorTest::isOfTheLoop);
        assertThat(found).hasSize(2).allSatisfy(stall -> {
            assertThat(stall.kind()).isEqualTo(Stall.Kind.WORKER);
            assertThat(stall.stack()).anyMatch(frame -> frame.getMethodName().equals("lock"));
        });
    }

    /** The worker may be stuck before the loop is done with handing over its run. */
    private static boolean isOfTheLoop(Stall stall) {
        return stall.kind() == Stall.Kind.LOOP;
    }

    private static void lock(ReentrantLock mine, ReentrantLock theirs, CountDownLatch both)
            throws InterruptedException {
        mine.lockInterruptibly();
        try {
            both.countDown();
            both.await();
            theirs.lockInterruptibly(); // until the executor is shut down
            theirs.unlock();
        } finally {
            mine.unlock();
        }
    }

    private static ExecutorService threadPerTask() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            return Executors.newCachedThreadPool();
        }
    }

    private static Socket connect(TcpListener listener) throws IOException {
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        return new Socket(address.getAddress(), address.getPort());
    }

    @Test
    void aSubjectWithoutATextAndAListenerThatThrowsHideNoStall() throws InterruptedException {
        loop.start();
        StallDetector failing = loop.detector(THRESHOLD, stall -> {
            stalls.add(stall);
            throw new AssertionError("planted");
        });
        loop.execute(new Runnable() {
            @Override
            public void run() {
                block();
            }

            @Override
            public String toString() {
                throw new IllegalStateException("planted");
            }
        });
        begun.await();
        failing.sample(0);
        assertThat(failing.sample(1_000)).isTrue();
        assertThat(stalls).hasSize(1);
        assertThat(stalls.get(0).toString()).contains("toString: java.lang.IllegalStateException");
        assertThat(loop.dump()).contains("toString: java.lang.IllegalStateException");
    }

    @Test
    void aHandlerWhoseRegistrationHasEndedIsReportedAllTheSame() throws Exception {
        List<Stall> found = new ArrayList<>();
        try (EventLoop other = EventLoop.builder().workers(1).build();
                TcpListener listener = other.openListener(ANY)) {
            StallDetector watch = other.detector(THRESHOLD, found::add);
            Registration registration = other.register(listener, Interest.READABLE, event -> block());
            other.start();
            try (Socket client = connect(listener)) {
                begun.await();
                watch.sample(0);
                registration.deregister();
                watch.sample(999);
                watch.sample(1_000);
                assertThat(client.isConnected()).isTrue();
            }
            assertThat(found).singleElement().extracting(Stall::subject).isSameAs(registration);
            mayEnd.countDown();
        }
    }

    @Test
    void aHandlerOfAnExecutorInTheTurnIsReportedOnce() throws Exception {
        List<Stall> found = new ArrayList<>();
        try (EventLoop other = EventLoop.builder().executor(Runnable::run).build();
                TcpListener listener = other.openListener(ANY)) {
            StallDetector watch = other.detector(THRESHOLD, found::add);
            other.register(listener, Interest.READABLE, event -> block());
            other.start();
            try (Socket client = connect(listener)) {
                begun.await();
                watch.sample(0);
                watch.sample(1_000);
                assertThat(client.isConnected()).isTrue();
            }
            mayEnd.countDown();
        }
        assertThat(found).singleElement().extracting(Stall::kind).isEqualTo(Stall.Kind.LOOP);
    }

    @Test
    void aHandlerOnAWorkerThatHasReturnedIsNotStalled() throws Exception {
        List<Stall> found = new ArrayList<>();
        CountDownLatch ran = new CountDownLatch(1);
        ExecutorService threads = Executors.newCachedThreadPool();
        try (EventLoop other = EventLoop.builder()
                        .executor(run -> threads.execute(() -> {
                            run.run();
                            ran.countDown();
                        }))
                        .build();
                TcpListener listener = other.openListener(ANY)) {
            StallDetector watch = other.detector(THRESHOLD, found::add);
            other.register(
                    listener,
                    Interest.READABLE,
                    event -> Objects.requireNonNull(listener.accept()).close());
            other.start();
            try (Socket client = connect(listener)) {
                ran.await();
                watch.sample(0);
                watch.sample(5_000);
                assertThat(client.isConnected()).isTrue();
            }
        } finally {
            threads.shutdown();
        }
        found.removeIf(StallDetectorTest::isOfTheLoop);
        assertThat(found).isEmpty();
    }

    @Test
    void aClosedLoopIsWatchedNoMore() {
        loop.close();
        assertThat(detector.sample(0)).isFalse();
    }
}
