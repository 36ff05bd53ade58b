package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.Poller;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * A wait that a signal ends. A process that is stopped and continued has its waits of epoll return EINTR, whatever it
 * does about signals: signal(7).
 */
@Timeout(60)
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
@EnabledForJreRange(minVersion = 22, disabledReason = "a transport for Java 22")
class SignalTest {
    /** Has itself stopped and continued until a poll has returned for that. */
    static final class Stopped {
        private Stopped() {}

        public static void main(String[] unused) throws Exception {
            try (Poller poller = LoopbackPair.epoll().openPoller(4, System::nanoTime)) {
                AtomicInteger returns = new AtomicInteger();
                AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
                CountDownLatch polls = new CountDownLatch(1);
                Thread thread = new Thread(() -> {
                    try {
                        while (returns.get() < 3) {
                            polls.countDown();
                            poller.poll(System.nanoTime() + Long.MAX_VALUE / 2, (attachment, ready) -> {
                                throw new AssertionError("an event of " + attachment);
                            });
                            returns.incrementAndGet();
                        }
                    } catch (Throwable t) {
                        failure.set(t);
                    }
                });
                thread.start();
                polls.await();
                String self = String.valueOf(ProcessHandle.current().pid());
                while (thread.isAlive()) {
                    new ProcessBuilder("sh", "-c", "kill -STOP " + self + "; kill -CONT " + self)
                            .start()
                            .waitFor();
                }
                System.out.println(failure.get() == null ? "went on" : String.valueOf(failure.get()));
            }
        }
    }

    @Test
    void aSignalEndsAPollWhichIsNoFailure() throws Exception {
        assertThat(ForkedJava.output(Stopped.class, Map.of(), List.of())).isEqualTo("went on\n");
    }
}
