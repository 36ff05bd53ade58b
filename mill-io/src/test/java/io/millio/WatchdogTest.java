package io.millio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WatchdogTest {
    private final BlockingQueue<Stall> stalls = new LinkedBlockingQueue<>();

    private Stall next(Stall.Kind kind) throws InterruptedException {
        Stall stall;
        do {
            stall = stalls.take(); // a busy machine may report pauses
        } while (stall.kind() != kind);
        return stall;
    }

    @Test
    void aTaskThatDoesNotReturnIsReportedWhileItRuns() throws InterruptedException {
        CountDownLatch mayEnd = new CountDownLatch(1);
        try (EventLoop loop = EventLoop.builder()
                .direct()
                .watchdog(Duration.ofMillis(20), stalls::add)
                .build()) {
            loop.start();
            loop.execute(() -> {
                try {
                    mayEnd.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            Stall stall = next(Stall.Kind.LOOP);
            mayEnd.countDown();
            assertThat(stall.loop()).isSameAs(loop);
            assertThat(stall.elapsed()).isGreaterThanOrEqualTo(Duration.ofMillis(20));
            assertThat(stall.stack()).anyMatch(frame -> frame.getClassName().startsWith(WatchdogTest.class.getName()));
        }
    }

    @Test
    void aListenerThatThrowsIsCalledForTheNextStall() throws InterruptedException {
        CountDownLatch mayEnd = new CountDownLatch(1);
        StallListener listener = stall -> {
            stalls.add(stall);
            throw new IllegalStateException("planted");
        };
        try (EventLoop loop = EventLoop.builder()
                .direct()
                .watchdog(Duration.ofMillis(20), listener)
                .build()) {
            loop.execute(() -> {
                try {
                    mayEnd.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            next(Stall.Kind.NOT_DRIVEN);
            loop.start();
            next(Stall.Kind.LOOP);
            mayEnd.countDown();
        }
    }

    /** The listener takes its time, which is not that of what begins meanwhile. */
    @Test
    void noStallIsReportedAsLongerThanItIs() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicLong begunNanos = new AtomicLong();
        CompletableFuture<Long> atMostNanos = new CompletableFuture<>();
        AtomicReference<EventLoop> second = new AtomicReference<>();
        StallListener slow = stall -> {
            if (stall.kind() == Stall.Kind.LOOP && begunNanos.get() == 0) {
                CountDownLatch over = new CountDownLatch(1);
                CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS).execute(over::countDown);
                await(over);
                CountDownLatch begun = new CountDownLatch(1);
                begunNanos.set(System.nanoTime());
                second.get().execute(() -> {
                    begun.countDown();
                    await(mayEnd);
                });
                await(begun);
            }
        };
        StallListener measuring = stall -> {
            if (stall.kind() == Stall.Kind.LOOP) {
                atMostNanos.complete(System.nanoTime() - begunNanos.get());
                stalls.add(stall);
            }
        };
        // In this order, which is the one that they are looked at in.
        try (EventLoop loop = EventLoop.builder()
                        .direct()
                        .watchdog(Duration.ofMillis(20), slow)
                        .build();
                EventLoop other = EventLoop.builder()
                        .direct()
                        .watchdog(Duration.ofMillis(20), measuring)
                        .build()) {
            second.set(other);
            other.start();
            loop.start();
            loop.execute(() -> await(mayEnd));
            Stall stall = next(Stall.Kind.LOOP);
            mayEnd.countDown();
            assertThat(stall.elapsed().toNanos()).isLessThanOrEqualTo(atMostNanos.get());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aThresholdBelowItsMinimumIsAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EventLoop.builder().watchdog(Duration.ofMillis(9)))
                .withMessageContaining("threshold")
                .withMessageContaining("10 ms");
    }
}
