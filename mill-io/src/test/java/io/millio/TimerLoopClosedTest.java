package io.millio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A timer ends once: its task runs, it is cancelled, or its callback for the close of the loop is called. */
class TimerLoopClosedTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final AtomicLong now = new AtomicLong();
    private final List<String> log = new ArrayList<>();
    private final List<LoopError> errors = new ArrayList<>();
    private final EventLoop loop = EventLoop.builder()
            .direct()
            .nanoClock(now::get)
            .pollTimeout(Duration.ZERO)
            .errorHandler(error -> errors().add(error))
            .build();

    private List<LoopError> errors() {
        return errors;
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private Timer schedule(String name) {
        return loop.schedule(SECOND, () -> log.add(name + " ran"), () -> log.add(name + " closed, " + loop.inLoop()));
    }

    private void inLoop(Runnable task) {
        loop.execute(task);
        loop.runOnce();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
        loop.runOnce();
    }

    @Test
    void aWaitingTimerIsNotifiedOnceAndInTheTurn() {
        inLoop(() -> schedule("a"));
        loop.close();
        loop.close();

        assertThat(log).containsExactly("a closed, true");
    }

    @Test
    void aTimerThatTheLoopHasNotSeenYetIsNotified() {
        Timer timer = schedule("a");
        loop.close();

        assertThat(log).containsExactly("a closed, true");
        assertThat(timer.isCancelled()).isTrue();
        assertThat(timer.isWaiting()).isFalse();
    }

    @Test
    void aTimerThatHasFiredIsNotNotified() {
        schedule("a");
        loop.runOnce();
        pass(SECOND.plusMillis(2));
        loop.close();

        assertThat(log).containsExactly("a ran");
    }

    @Test
    void aDueTimerIsNotifiedAndDoesNotFire() {
        schedule("a");
        loop.runOnce();
        now.addAndGet(SECOND.toNanos() * 2);
        loop.close();

        assertThat(log).containsExactly("a closed, true");
    }

    @Test
    void aCancelledTimerIsNotNotified() {
        inLoop(() -> assertThat(schedule("in the loop").cancel()).isTrue());
        Timer seen = schedule("seen by the loop");
        loop.runOnce();
        assertThat(seen.cancel()).isTrue();
        assertThat(schedule("not seen by the loop").cancel()).isTrue();
        loop.close();

        assertThat(log).isEmpty();
    }

    @Test
    void aRestartedTimerIsNotifiedOnce() {
        Timer timer = schedule("a");
        loop.runOnce();
        pass(SECOND.plusMillis(2));
        assertThat(timer.restart(SECOND)).isTrue();
        loop.runOnce();
        assertThat(timer.restart(SECOND.multipliedBy(5))).isTrue();
        loop.close();

        assertThat(log).containsExactly("a ran", "a closed, true");
        assertThat(timer.restart(SECOND)).isFalse();
    }

    @Test
    void anExceptionOfOneCallbackIsReportedAndTheOthersAreCalled() {
        IllegalStateException thrown = new IllegalStateException("thrown");
        inLoop(() -> {
            schedule("a");
            loop.schedule(SECOND, () -> {}, () -> {
                throw thrown;
            });
            schedule("b");
        });
        loop.close();

        assertThat(log).containsExactlyInAnyOrder("a closed, true", "b closed, true");
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error.cause()).isSameAs(thrown));
    }

    @Test
    void aRejectedTimerIsNotNotified() {
        loop.close();

        assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> schedule("a"));
        assertThat(log).isEmpty();
    }

    @Test
    void aCompletedShutdownNotifiesTimers() {
        schedule("a");
        loop.runOnce();
        var unused = loop.shutdown(Duration.ZERO);
        while (!loop.isClosed()) {
            loop.runOnce();
        }

        assertThat(log).containsExactly("a closed, true");
    }

    @Test
    @SuppressWarnings("NullAway")
    void theCallbackMustNotBeNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> loop.schedule(SECOND, () -> {}, null))
                .withMessage("loopClosed");
    }
}
