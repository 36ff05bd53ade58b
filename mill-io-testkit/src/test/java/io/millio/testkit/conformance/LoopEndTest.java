package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.transport.Transport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a loop without sources ends: its tasks, timers and callers. */
class LoopEndTest extends Conformance {
    @Override
    protected Transport transport() {
        return Transport.named("nio");
    }

    @ParameterizedTest
    @EnumSource
    void aLoopThatIsIdleShutsDownAtOnce(DispatchMode mode) {
        EventLoop sleeping = asleep(mode);
        CompletableFuture<Boolean> done = sleeping.shutdown(HOUR);
        Await.until("it has closed", done::isDone);
        assertThat(done).isCompletedWithValue(true);
        EventLoop idle = open(mode);
        assertThat(idle.shutdown(HOUR)).as("not driven").isCompletedWithValue(true);
        assertThat(idle.isClosed()).isTrue();
        assertThat(idle.shutdown(HOUR)).as("closed already").isCompletedWithValue(true);
    }

    @Test
    void tasksThatWereTakenAreRunBeforeAShutdownEnds() {
        EventLoop loop = open(builder(DispatchMode.DIRECT).maxTasksPerTurn(1));
        AtomicInteger ran = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            loop.execute(ran::incrementAndGet);
        }
        assertThat(loop.shutdown(HOUR)).isCompletedWithValue(true);
        assertThat(ran).hasValue(20);
    }

    @Test
    void timersDoNotHoldAShutdownUpAndAStopDoesNotInterruptIt() {
        EventLoop loop = open();
        loop.schedule(HOUR, () -> {});
        loop.stop();
        assertThat(loop.shutdown(HOUR)).isCompletedWithValue(true);
        assertThat(loop.isClosed()).isTrue();
    }

    @Test
    void aShutdownThatComesDuringTheCloseIsCompletedToo() {
        EventLoop loop = open();
        AtomicReference<@Nullable CompletableFuture<Boolean>> done = new AtomicReference<>();
        loop.execute(() -> done.set(loop.shutdown(HOUR)));
        loop.close();
        assertThat(done.get()).isCompleted();
    }

    @Test
    void severalThreadsMayCloseALoopThatRuns() {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        Thread[] closers = new Thread[3];
        for (int i = 0; i < closers.length; i++) {
            closers[i] = spawn(() -> {
                loop.close();
                assertThat(loop.isClosed()).isTrue();
            });
        }
        for (Thread closer : closers) {
            join(closer);
        }
    }

    @Test
    void aCloseRunsTheTasksThatWereTakenAndRejectsTheirSuccessors() {
        EventLoop loop = open();
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger rejected = new AtomicInteger();
        loop.execute(() -> {
            ran.incrementAndGet();
            try {
                loop.execute(ran::incrementAndGet);
            } catch (RejectedExecutionException e) {
                rejected.incrementAndGet();
            }
        });
        loop.close();
        assertThat(ran.get()).isBetween(1, 2);
        assertThat(ran.get() + rejected.get()).isEqualTo(2);
    }

    // Behaviour 38
    @Test
    void tasksDoNotHoldUpTheDeadlineOfAShutdownAndAreRunAllTheSame() {
        EventLoop loop = open();
        loop.runOnce();
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger firstRefused = new AtomicInteger(); // the task that finds that the loop is closing
        int tasks = 700;
        for (int i = 0; i < tasks; i++) {
            loop.execute(() -> {
                int number = ran.incrementAndGet();
                clock.advance(MILLI);
                try {
                    loop.execute(() -> {});
                } catch (RejectedExecutionException e) {
                    firstRefused.compareAndSet(0, number);
                }
            });
        }
        CompletableFuture<Void> seen = loop.shutdown(MILLI.multipliedBy(100))
                .thenAccept(inTime -> assertThat(inTime).isFalse());
        Await.until("the loop closes", seen::isDone, () -> {
            if (!loop.isClosed()) {
                loop.runOnce();
            }
        });
        assertThat(seen).isCompleted();
        assertThat(firstRefused.get())
                .as("the first task that runs after the deadline was seen")
                .isBetween(101, 100 + 64 + 1);
        assertThat(ran).hasValue(tasks);
        assertThat(loop.isClosed()).isTrue();
    }

    // Behaviour 40
    @Test
    void twoLoopsMayCloseEachOtherFromTheirTurns() {
        EventLoop one = asleep(DispatchMode.DIRECT);
        EventLoop other = asleep(DispatchMode.DIRECT);
        CountDownLatch both = new CountDownLatch(2);
        for (EventLoop loop : List.of(one, other)) {
            loop.execute(() -> {
                both.countDown();
                Await.until("both are in a turn", () -> both.getCount() == 0);
                (loop == one ? other : one).close();
            });
        }
        Await.until("both have closed", () -> one.isClosed() && other.isClosed());
    }
}
