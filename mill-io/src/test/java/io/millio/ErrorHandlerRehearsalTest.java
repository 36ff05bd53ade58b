package io.millio;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.Interest;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * When the default error handler loads the classes that it needs to log errors: seen by its records at the lowest
 * level.
 */
class ErrorHandlerRehearsalTest {
    private static final int FEW_SOURCES = 16; // at which descriptors may become few

    // Held: the logging keeps it weakly.
    private final Logger logger = Logger.getLogger(EventLoop.class.getName());
    private final Level levelBefore = logger.getLevel();
    private final Recorder logged = new Recorder(logger); // before the loop is made

    private final EventLoop loop = builder().build();

    private static EventLoopBuilder builder() {
        return EventLoop.builder().transport(Transport.named("nio")).direct().pollTimeout(Duration.ZERO);
    }

    @AfterEach
    void close() {
        loop.close();
        logger.setUseParentHandlers(true);
        logger.removeHandler(logged);
        logger.setLevel(levelBefore);
    }

    private void busyTurn() {
        loop.execute(() -> {});
        assertThat(loop.runOnce()).isPositive();
    }

    private static void addSources(EventLoop to, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            to.register(
                    to.openListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                    Interest.NONE,
                    event -> {});
        }
    }

    @Test
    void itComesInTheFirstTurnWithoutEventsAndNotBeforeATurn() {
        assertThat(logged.rehearsals()).isEmpty();
        assertThat(loop.runOnce()).isZero();
        assertThat(logged.rehearsals()).hasSize(1);
    }

    @Test
    void ofManySourcesItNeedsATurnToo() throws IOException {
        addSources(loop, FEW_SOURCES + 1);
        assertThat(logged.rehearsals()).isEmpty();
        loop.runOnce();
        assertThat(logged.rehearsals()).hasSize(1);
    }

    @Test
    void turnsWithWorkPutItOffToTheFirstWithout() throws IOException {
        addSources(loop, 1);
        for (int i = 0; i < 100; i++) {
            busyTurn();
        }
        assertThat(logged.rehearsals()).isEmpty();
        assertThat(loop.runOnce()).isZero();
        assertThat(logged.rehearsals()).hasSize(1);
    }

    @Test
    void workPutsItOffUntilThereAreManySources() throws IOException {
        addSources(loop, FEW_SOURCES - 1);
        busyTurn();
        assertThat(logged.rehearsals()).isEmpty();
        addSources(loop, 1);
        assertThat(logged.rehearsals()).isEmpty();
        busyTurn();
        assertThat(logged.rehearsals()).hasSize(1);
    }

    @Test
    void itComesOnce() throws IOException {
        loop.runOnce();
        loop.runOnce();
        addSources(loop, FEW_SOURCES);
        loop.runOnce();
        busyTurn();
        assertThat(logged.rehearsals()).hasSize(1);
    }

    @Test
    void itIsNoErrorAndKeepsNoneFromBeingLogged() {
        loop.runOnce();
        assertThat(loop.stats().errors()).isZero();
        loop.execute(() -> {
            throw new IllegalStateException("thrown by a task");
        });
        loop.runOnce();
        assertThat(logged.records)
                .filteredOn(record -> record.getLevel() == Level.WARNING)
                .singleElement()
                .satisfies(record -> assertThat(record.getMessage())
                        .contains("thrown by a task")
                        .doesNotContain("before)"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, FEW_SOURCES})
    void anErrorHandlerOfTheProgramIsNotCalledByIt(int sources) throws IOException {
        List<LoopError> errors = new ArrayList<>();
        try (EventLoop own = builder().errorHandler(errors::add).build()) {
            addSources(own, sources);
            own.runOnce();
            own.runOnce();
        }
        assertThat(errors).isEmpty();
        assertThat(logged.records).isEmpty();
    }

    @Test
    void oneThatFailsIsLoggedAndTheTurnGoesOn() {
        IllegalStateException thrown = new IllegalStateException("thrown by the logging");
        logged.thrownAtRehearsal = thrown;
        assertThat(loop.runOnce()).isZero();
        busyTurn();
        loop.runOnce();
        assertThat(logged.rehearsals()).hasSize(1);
        assertThat(logged.records)
                .filteredOn(record -> record.getLevel() == Level.SEVERE)
                .singleElement()
                .satisfies(record -> assertThat(record.getThrown()).isSameAs(thrown));
    }

    /** What this test's thread logs: other loops of the process are none of its business. */
    private static final class Recorder extends Handler {
        private final Thread thread = Thread.currentThread();
        final List<LogRecord> records = new ArrayList<>();

        @Nullable
        RuntimeException thrownAtRehearsal;

        Recorder(Logger logger) {
            setLevel(Level.ALL);
            logger.setLevel(Level.ALL);
            logger.addHandler(this);
            logger.setUseParentHandlers(false); // what is thrown here on purpose is no news
        }

        List<LogRecord> rehearsals() {
            return records.stream()
                    .filter(record -> record.getLevel() == Level.FINER)
                    .toList();
        }

        @Override
        public void publish(LogRecord record) {
            if (Thread.currentThread() != thread) {
                return;
            }
            records.add(record);
            if (record.getLevel() == Level.FINER && thrownAtRehearsal != null) {
                throw thrownAtRehearsal;
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
