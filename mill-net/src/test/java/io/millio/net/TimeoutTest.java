package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Idle, write-stall and close timeouts, on a clock that the test moves. */
class TimeoutTest extends NetCase {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int MUCH = 32 << 20;

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
    void aHeartbeatIsDueWheneverNothingWasWrittenForSoLong() throws Exception {
        options = options.withWriteIdle(Duration.ofSeconds(10));
        there.onIdle = connection -> connection.write(bytes("beat;"));
        Connection connection = connected();

        for (int i = 0; i < 9; i++) {
            connection.write(bytes("x")); // what is read does not count
            pass(1);
        }
        assertThat(here.text()).isEmpty();
        pass(1);
        venue.until("the first", () -> here.text().equals("beat;"));
        there.connection().write(bytes("data;"));
        pass(9);
        assertThat(here.text()).isEqualTo("beat;data;");
        pass(12);

        assertThat(here.text()).isEqualTo("beat;data;beat;beat;");
        assertThat(there.isClosed()).isFalse();
    }

    @Test
    void aHeartbeatIsDueAgainThoughTheHandlerWritesNothing() throws Exception {
        options = options.withWriteIdle(Duration.ofSeconds(10));
        int[] idle = {0};
        there.onIdle = connection -> idle[0]++;
        connected();

        pass(35);

        assertThat(idle[0]).isEqualTo(3);
    }

    @Test
    void aHeartbeatThatFailsEndsItsConnection() throws Exception {
        expectErrors();
        options = options.withWriteIdle(Duration.ofSeconds(10));
        there.onIdle = connection -> {
            throw new IllegalStateException("expected");
        };
        connected();

        pass(11);

        assertThat(there.cause).isEqualTo(CloseCause.HANDLER_FAILED);
    }

    @Test
    void anIdleTimeoutCountsFromTheWriteAndNotFromTheBeginningOfItsTurn() throws Exception {
        options = options.withIdleTimeout(Duration.ofSeconds(10));
        connected();

        venue.serverLoop().execute(() -> {
            venue.advance(SECOND.multipliedBy(4)); // a long turn
            there.connection().write(bytes("x"));
        });
        venue.settle();
        pass(9);
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

    /** Closes with more queued than the system takes, of which the peer takes a part every so many seconds. */
    private Connection closeWithMuchQueued() throws Exception {
        there.onOpen = Connection::pauseReading;
        there.onInputClosed = Recorder.NOTHING;
        Connection connection = connected();
        connection.write(ByteBuffer.wrap(pattern(MUCH)));
        connection.close();
        venue.settle();
        assertThat(connection.queuedBytes()).isPositive();
        return connection;
    }

    private void takeSome(Connection from) {
        long before = from.queuedBytes();
        there.connection().resumeReading();
        venue.until("some was taken", () -> from.queuedBytes() < before || here.isClosed());
        there.connection().pauseReading();
        venue.settle();
    }

    @Test
    void closeGoesOnForAsLongAsThePeerTakesEnough() throws Exception {
        options = options.withCloseTimeout(Duration.ofSeconds(10)).withMaxQueuedBytes(1L << 30);
        Connection connection = closeWithMuchQueued();

        for (int i = 0; i < 4; i++) {
            pass(8);
            takeSome(connection);
        }
        there.connection().resumeReading();
        venue.until("all is there", () -> there.received.size() == MUCH || here.isClosed());

        assertBytes(there.received.toByteArray(), pattern(MUCH));
        there.connection().close();
        venue.until("both are closed", () -> here.isClosed() && there.isClosed());
        assertThat(here.cause).isEqualTo(CloseCause.LOCAL);
    }

    @Test
    void closeGivesUpWhenThePeerTakesTooLittle() throws Exception {
        options = options.withCloseTimeout(Duration.ofSeconds(10))
                .withMinCloseRate(1 << 30)
                .withMaxQueuedBytes(1L << 30);
        Connection connection = closeWithMuchQueued();

        pass(8);
        takeSome(connection);
        assertThat(here.isClosed()).isFalse();
        pass(2);

        assertThat(here.cause).isEqualTo(CloseCause.CLOSE_TIMEOUT);
    }

    @Test
    void closeGivesUpAfterItsMaximumWhateverThePeerTakes() throws Exception {
        options = options.withCloseTimeout(Duration.ofSeconds(10))
                .withMaxCloseTime(Duration.ofSeconds(30))
                .withMaxQueuedBytes(1L << 30);
        Connection connection = closeWithMuchQueued();

        for (int i = 0; i < 5; i++) {
            pass(5);
            takeSome(connection);
        }
        pass(4);
        assertThat(here.isClosed()).isFalse();
        pass(1);

        assertThat(here.cause).isEqualTo(CloseCause.CLOSE_TIMEOUT);
    }

    @Test
    void anIdleTimeoutDoesNotDropWhatCloseIsWriting() throws Exception {
        options = options.withReadIdleTimeout(Duration.ofSeconds(5)).withMaxQueuedBytes(1L << 30);
        Connection connection = closeWithMuchQueued();

        for (int i = 0; i < 3; i++) {
            pass(4);
            takeSome(connection);
        }
        there.connection().resumeReading();
        venue.until("all is there", () -> there.received.size() == MUCH || here.isClosed());

        assertBytes(there.received.toByteArray(), pattern(MUCH));
    }

    @Test
    void aPeerThatNeverClosesHoldsAClosedConnectionForTheCloseTimeout() throws Exception {
        needsHalfClose();
        options = options.withCloseTimeout(Duration.ofSeconds(10));
        there.onInputClosed = Recorder.NOTHING;
        Connection connection = connected();
        connection.close();
        venue.until("the peer sees the end", () -> there.connection().isInputClosed());

        pass(9);
        assertThat(here.isClosed()).isFalse();
        pass(1);

        assertThat(here.cause).isEqualTo(CloseCause.LOCAL);
    }
}
