package io.millio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
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

    @Test
    void aThresholdBelowItsMinimumIsAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EventLoop.builder().watchdog(Duration.ofMillis(9)))
                .withMessageContaining("threshold")
                .withMessageContaining("10 ms");
    }
}
