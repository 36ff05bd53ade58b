package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Idle, write-stall and close timeouts, on a clock that the test moves. */
class TimeoutTest extends NetCase {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Recorder there = new Recorder();
    private final Recorder here = new Recorder();

    private Connection connected() throws Exception {
        serve(there);
        Connection connection = connect(here);
        venue.until("accepted", () -> there.connection != null);
        return connection;
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            venue.advance(SECOND);
            venue.settle();
        }
    }

    @Test
    void anIdleConnectionIsClosedAfterItsTimeoutAndNotBefore() throws Exception {
        options = options.withIdleTimeout(Duration.ofSeconds(10));
        Connection connection = connected();

        for (int i = 0; i < 3; i++) {
            pass(8);
            connection.write(bytes("still here"));
            venue.settle();
        }
        assertThat(there.isClosed()).isFalse();
        pass(9);
        assertThat(there.isClosed()).isFalse();
        pass(1);

        assertThat(there.cause).isEqualTo(CloseCause.IDLE_TIMEOUT);
    }

    @Test
    void writingDoesNotKeepAReadIdleConnection() throws Exception {
        options = options.withReadIdleTimeout(Duration.ofSeconds(10));
        connected();

        for (int i = 0; i < 11; i++) {
            pass(1);
            if (there.isClosed()) {
                break;
            }
            there.connection().write(bytes("x"));
        }

        assertThat(there.cause).isEqualTo(CloseCause.IDLE_TIMEOUT);
        assertThat(here.text()).startsWith("x".repeat(8)); // the last one may come too late
    }

    @Test
    void readingDoesNotKeepAWriteIdleConnection() throws Exception {
        options = options.withWriteIdleTimeout(Duration.ofSeconds(10));
        Connection connection = connected();

        for (int i = 0; i < 9; i++) {
            connection.write(bytes("x"));
            pass(1);
        }
        assertThat(there.isClosed()).isFalse();
        pass(1);

        assertThat(there.cause).isEqualTo(CloseCause.IDLE_TIMEOUT);
    }

    @Test
    void aPeerThatClosesWhileReadingIsPausedIsFoundByTheIdleTimeoutAtTheLatest() throws Exception {
        options = options.withIdleTimeout(Duration.ofSeconds(10));
        there.onOpen = Connection::pauseReading;
        Connection connection = connected();

        connection.abort();
        venue.settle();
        pass(10);

        assertThat(there.isClosed()).isTrue();
    }

    @Test
    void aPeerThatTakesNothingIsFoundByTheWriteStallTimeout() throws Exception {
        options = options.withWriteStallTimeout(Duration.ofSeconds(10)).withMaxQueuedBytes(1L << 30);
        there.onOpen = Connection::pauseReading;
        Connection connection = connected();
        connection.write(ByteBuffer.allocate(16 << 20));
        venue.settle();

        pass(9);
        assertThat(here.isClosed()).isFalse();
        pass(1);

        assertThat(here.cause).isEqualTo(CloseCause.WRITE_STALL);
    }

    @Test
    void aPeerThatTakesALittleNowAndThenIsNoWriteStall() throws Exception {
        options = options.withWriteStallTimeout(Duration.ofSeconds(10)).withMaxQueuedBytes(1L << 30);
        there.onOpen = Connection::pauseReading;
        Connection connection = connected();
        connection.write(ByteBuffer.allocate(16 << 20));
        venue.settle();

        for (int i = 0; i < 4; i++) {
            pass(8);
            long before = connection.queuedBytes();
            there.connection().resumeReading();
            venue.until("some was taken", () -> connection.queuedBytes() < before || here.isClosed());
            there.connection().pauseReading();
            venue.settle();
            if (connection.queuedBytes() == 0) {
                break;
            }
        }

        assertThat(here.isClosed()).isFalse();
    }

    @Test
    void closeGivesUpAtItsDeadline() throws Exception {
        options = options.withCloseTimeout(Duration.ofSeconds(10))
                .withWriteStallTimeout(Duration.ZERO)
                .withMaxQueuedBytes(1L << 30);
        there.onOpen = Connection::pauseReading;
        Connection connection = connected();
        connection.write(ByteBuffer.allocate(16 << 20));
        connection.close();
        venue.settle();

        pass(9);
        assertThat(here.isClosed()).isFalse();
        pass(1);

        assertThat(here.cause).isEqualTo(CloseCause.CLOSE_TIMEOUT);
    }
}
