package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Writing: order, completions, watermarks, the cap, other threads. */
class ConnectionWriteTest extends NetCase {
    /** More than the buffers of the system take. */
    private static final int MUCH = 16 << 20;

    private final Recorder there = new Recorder();
    private final Recorder here = new Recorder();

    // Behaviour 26
    @Test
    void writesOfAllKindsArriveInOrderWithOneCompletionEach() throws Exception {
        options = options.withMaxQueuedBytes(1L << 30);
        serve(there);
        byte[] sent = pattern(8 << 20);
        Connection connection = connect(here);
        Random random = new Random(7);
        List<Integer> completed = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();

        inClientLoop(() -> {
            int from = 0;
            for (int i = 0; from < sent.length; i++) {
                int length = Math.min(sent.length - from, 1 + random.nextInt(i % 3 == 0 ? 100_000 : 300));
                ByteBuffer bytes = i % 5 == 0
                        ? ByteBuffer.allocateDirect(length)
                                .put(sent, from, length)
                                .flip()
                        : ByteBuffer.wrap(sent, from, length);
                if (i % 2 == 0) {
                    int number = i;
                    expected.add(i);
                    connection.write(bytes, (to, buffer, failure) -> {
                        assertThat(failure).isNull();
                        assertThat(buffer.hasRemaining()).isFalse();
                        completed.add(number);
                    });
                } else {
                    connection.write(bytes);
                    assertThat(bytes.hasRemaining()).isFalse();
                }
                from += length;
            }
        });
        venue.until("all has arrived", () -> there.received.size() == sent.length);
        venue.until("all writes are completed", () -> completed.size() == expected.size());

        assertBytes(there.received.toByteArray(), sent);
        assertThat(completed).isEqualTo(expected);
        assertThat(connection.queuedBytes()).isZero();
    }

    // Behaviour 26
    @Test
    void atAnAbortWhatIsNotWrittenEndsAsCancelledOnce() throws Exception {
        there.onOpen = Connection::pauseReading;
        options = options.withMaxQueuedBytes(1L << 30);
        serve(there);
        Connection connection = connect(here);
        List<String> ends = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            connection.write(
                    ByteBuffer.allocate(MUCH),
                    (to, buffer, failure) -> ends.add(number
                            + (failure == null
                                    ? " done"
                                    : failure instanceof CancellationException ? " cancelled" : " ?")));
        }
        venue.settle();

        connection.abort();
        venue.until("closed", here::isClosed);
        connection.write(
                bytes("late"),
                (to, buffer, failure) ->
                        ends.add(failure instanceof CancellationException ? "late cancelled" : "late ?"));
        venue.until("the late write is completed", () -> ends.size() == 5);

        assertThat(ends).containsExactly("0 cancelled", "1 cancelled", "2 cancelled", "3 cancelled", "late cancelled");
    }

    // Behaviour 27
    @Test
    void writeInterestIsDroppedWhenTheQueueDrains() throws Exception {
        there.onOpen = Connection::pauseReading;
        options = options.withMaxQueuedBytes(1L << 30);
        serve(there);
        Connection connection = connect(here);
        connection.write(ByteBuffer.allocate(MUCH));
        venue.settle();
        there.connection().resumeReading();
        venue.until("all has arrived", () -> there.received.size() == MUCH);
        venue.settle();
        long before = venue.clientLoop().stats().events();

        venue.settle();

        assertThat(venue.clientLoop().stats().events()).isEqualTo(before);
    }

    // Behaviour 28
    @Test
    void shutdownOutputComesAfterQueuedWritesAndLaterWritesFail() throws Exception {
        needsHalfClose();
        options = options.withMaxQueuedBytes(1L << 30);
        there.onInputClosed = Recorder.NOTHING;
        serve(there);
        here.onInputClosed = Recorder.NOTHING;
        Connection connection = connect(here);
        byte[] sent = pattern(MUCH);

        connection.write(ByteBuffer.wrap(sent));
        connection.shutdownOutput();
        assertThatThrownBy(connection::shutdownOutput).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> connection.write(bytes("late"))).isInstanceOf(IllegalStateException.class);
        venue.until("the end is reported", () -> there.callbacks.contains("inputClosed"));

        assertBytes(there.received.toByteArray(), sent);
        there.connection().write(bytes("still"));
        venue.until("the other way works", () -> here.text().equals("still"));
    }

    @Test
    void closeFlushesWhatIsQueued() throws Exception {
        options = options.withMaxQueuedBytes(1L << 30);
        serve(there);
        Connection connection = connect(here);
        byte[] sent = pattern(MUCH);

        connection.write(ByteBuffer.wrap(sent));
        connection.close();
        assertThat(connection.isOpen()).isFalse();
        assertThat(connection.write(bytes("late"))).isEqualTo(WriteResult.CLOSED);
        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertBytes(there.received.toByteArray(), sent);
        assertThat(here.cause).isEqualTo(CloseCause.LOCAL);
    }

    // Behaviour 14
    @Test
    void aCompletionMayWriteAndCloseAndIsNeverCalledInsideTheCall() throws Exception {
        serve(there);
        List<String> order = new ArrayList<>();
        here.onOpen = connection -> {
            connection.write(bytes("a"), (to, buffer, failure) -> {
                order.add("a done");
                to.write(bytes("b"), (again, same, none) -> {
                    order.add("b done");
                    again.close();
                });
                order.add("a returns");
            });
            order.add("open returns");
        };
        connect(here);
        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertThat(there.text()).isEqualTo("ab");
        assertThat(order).containsExactly("open returns", "a done", "a returns", "b done");
    }

    @Test
    void writeReturnsWhenToStopAndOnWritableIsCalledWhenToGoOn() throws Exception {
        options = options.withWatermarks(1_000, 100_000).withMaxQueuedBytes(1L << 30);
        there.onOpen = Connection::pauseReading;
        serve(there);
        Connection connection = connect(here);
        assertThat(connection.write(ByteBuffer.allocate(100))).isEqualTo(WriteResult.CONTINUE);
        int written = 100;
        while (connection.write(ByteBuffer.allocate(50_000)) == WriteResult.CONTINUE) {
            written += 50_000;
            venue.step();
        }
        written += 50_000;
        assertThat(connection.queuedBytes()).isGreaterThan(100_000);
        venue.settle();
        assertThat(here.callbacks).containsExactly("open");

        there.connection().resumeReading();
        venue.until("onWritable is called", () -> here.callbacks.contains("writable"));
        assertThat(connection.queuedBytes()).isLessThanOrEqualTo(1_000);
        int all = written;
        venue.until("all has arrived", () -> there.received.size() == all);

        assertThat(here.callbacks).containsExactly("open", "writable");
    }

    @Test
    void aSmallWriteOverTheMarkInACallbackIsFollowedByOnWritable() throws Exception {
        options = options.withWatermarks(0, 10);
        serve(there);
        boolean[] goesOn = new boolean[2];
        here.onOpen = connection -> {
            goesOn[0] = connection.write(bytes("0123456789")) == WriteResult.CONTINUE;
            goesOn[1] = connection.write(bytes("!")) == WriteResult.CONTINUE;
        };
        connect(here);
        venue.until("onWritable is called", () -> here.callbacks.contains("writable"));

        assertThat(goesOn).containsExactly(true, false);
        assertThat(here.callbacks).containsExactly("open", "writable");
    }

    @Test
    void theCapRefusesTheExcessAndHarmsNothing() throws Exception {
        options = options.withMaxQueuedBytes(1_000_000);
        there.onOpen = Connection::pauseReading;
        serve(there);
        Connection connection = connect(here);
        ByteBuffer tooMuch = ByteBuffer.wrap(pattern(1_000_001));
        for (boolean inLoop : new boolean[] {false, true}) {
            Runnable refused = () -> assertThatThrownBy(() -> connection.write(tooMuch))
                    .isInstanceOf(WriteRefusedException.class)
                    .hasMessageContaining("1000001")
                    .hasMessageContaining("1000000");
            if (inLoop) {
                inClientLoop(refused);
            } else {
                refused.run();
            }
            assertThat(tooMuch.position()).isZero();
        }
        int written = 0;
        for (boolean full = false; !full; ) {
            ByteBuffer next = ByteBuffer.wrap(pattern(written + 70_000), written, 70_000);
            try {
                connection.write(next);
                written += 70_000;
                venue.step();
            } catch (WriteRefusedException e) {
                full = true;
            }
        }
        assertThat(connection.queuedBytes()).isBetween(930_001L, 1_000_000L);
        there.connection().resumeReading();
        int all = written;
        venue.until("all has arrived", () -> there.received.size() == all);

        assertBytes(there.received.toByteArray(), pattern(all));
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void writersOnOtherThreadsKeepTheirOrderAndCannotOutrunTheMark() throws Exception {
        int threads = 3;
        int lines = 3_000;
        options = options.withWatermarks(1_000, 10_000).withMaxQueuedBytes(1L << 30);
        serve(there);
        Connection connection = connect(here);
        AtomicInteger refusals = new AtomicInteger();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> writers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            String name = "t" + t;
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 0; i < lines; i++) {
                        if (connection.write(bytes(name + " " + i + "\n")) != WriteResult.CONTINUE) {
                            refusals.incrementAndGet();
                        }
                    }
                } catch (RuntimeException e) {
                    failures.add(e);
                }
            });
            writers.add(writer);
            writer.start();
        }
        venue.until("the writers have ended", () -> writers.stream().noneMatch(Thread::isAlive));
        connection.close();
        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertThat(failures).isEmpty();
        int[] next = new int[threads];
        there.text().lines().forEach(line -> {
            int thread = line.charAt(1) - '0';
            assertThat(line).isEqualTo("t" + thread + " " + next[thread]++);
        });
        assertThat(next).containsOnly(lines);
    }

    @Test
    void aMarkPassedOnAnotherThreadIsSeenByItsWriterBeforeTheLoopHasTurned() throws Exception {
        options = options.withWatermarks(1_000, 10_000);
        serve(there);
        Connection connection = connect(here);

        assertThat(connection.write(ByteBuffer.allocate(10_000))).isEqualTo(WriteResult.CONTINUE);
        assertThat(connection.write(ByteBuffer.allocate(1))).isEqualTo(WriteResult.PAUSE);
        assertThat(connection.queuedBytes()).isEqualTo(10_001);
        venue.until("onWritable is called", () -> here.callbacks.contains("writable"));
    }

    // Behaviour 31
    @Test
    void aMebibyteReachesASlowReader() throws Exception {
        there.onData = (connection, bytes) -> {
            there.received.write(bytes.get());
            byte[] more = new byte[Math.min(1_000, bytes.remaining())];
            bytes.get(more);
            there.received.writeBytes(more);
            connection.pauseReading();
        };
        serve(there);
        byte[] sent = pattern(1 << 20);
        Connection connection = connect(here);
        connection.write(ByteBuffer.wrap(sent));
        connection.shutdownOutput();

        venue.until("all has arrived", () -> {
            if (there.connection != null) {
                there.connection().resumeReading();
            }
            return there.received.size() == sent.length;
        });

        assertBytes(there.received.toByteArray(), sent);
    }

    @Test
    void writesToAnotherConnectionFromACallbackArrive() throws Exception {
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        first.onData = (connection, bytes) -> {
            second.connection().write(bytes.duplicate());
            second.connection().write(bytes);
        };
        start(serverBuilder().handlers(connection -> tracked(first.connection == null ? first : second)));
        Recorder other = new Recorder();
        Connection from = connect(here);
        connect(other);
        venue.until("accepted", () -> second.connection != null);

        from.write(bytes("pass it on. "));
        venue.until("passed on", () -> other.text().equals("pass it on. pass it on. "));
    }
}
