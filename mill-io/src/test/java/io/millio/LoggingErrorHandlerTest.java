package io.millio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the default error handler logs, and how often. */
class LoggingErrorHandlerTest {
    private static final Thread TEST = Thread.currentThread();

    // Held: the logging keeps it weakly.
    private final Logger logger = Logger.getLogger(EventLoop.class.getName());
    private final List<String> lines = new ArrayList<>();
    private final AtomicLong now = new AtomicLong();
    private final LoggingErrorHandler handler = new LoggingErrorHandler(now::get);

    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord record) {
            if (Thread.currentThread() == TEST) {
                lines.add(record.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void begin() {
        logger.addHandler(recorder);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void end() {
        logger.removeHandler(recorder);
        logger.setUseParentHandlers(true);
    }

    private void fail(LoopError.Origin origin, Throwable cause) {
        handler.onError(new LoopError(origin, "subject", cause));
    }

    @Test
    void aFrequentErrorIsLoggedOnceASecondWithTheNumberOfTheOthers() {
        for (int i = 1; i <= 3; i++) {
            fail(LoopError.Origin.HANDLER, new IOException("failure " + i));
        }
        now.addAndGet(1_000_000_000);
        fail(LoopError.Origin.HANDLER, new IOException("failure 4"));
        assertThat(lines)
                .containsExactly(
                        "HANDLER failed: subject: java.io.IOException: failure 1",
                        "HANDLER failed: subject: java.io.IOException: failure 4 (and 2 more of its kind before)");
    }

    @Test
    void aFrequentErrorDoesNotHideOthers() {
        for (int i = 0; i < 100; i++) {
            fail(LoopError.Origin.HANDLER, new IOException("frequent"));
        }
        fail(LoopError.Origin.HANDLER, new IllegalStateException("other class"));
        fail(LoopError.Origin.ACCEPT, new IOException("other origin"));
        assertThat(lines)
                .containsExactly(
                        "HANDLER failed: subject: java.io.IOException: frequent",
                        "HANDLER failed: subject: java.lang.IllegalStateException: other class",
                        "ACCEPT failed: subject: java.io.IOException: other origin");
    }

    @Test
    void ofMoreKindsThanTheTableHoldsTheOthersShareALimit() {
        List<Throwable> causes = List.of(
                new IOException(),
                new RuntimeException(),
                new IllegalStateException(),
                new IllegalArgumentException(),
                new ArithmeticException(),
                new AssertionError(),
                new StackOverflowError(),
                new OutOfMemoryError(),
                new InterruptedException(),
                new NullPointerException());
        for (int second = 0; second < 2; second++) {
            for (LoopError.Origin origin : LoopError.Origin.values()) {
                causes.forEach(cause -> fail(origin, cause));
            }
            assertThat(causes.size() * LoopError.Origin.values().length).isEqualTo(70);
            assertThat(lines).hasSize(LoggingErrorHandler.MAX_KINDS + 1);
            lines.clear();
            now.addAndGet(1_000_000_000);
        }
    }
}
