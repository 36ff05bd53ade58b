package io.millio.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each promise of {@link TimerWheel}, on a clock that is moved by hand. */
class TimerWheelTest extends TimerWheelCase {
    private static final long YEAR = 365 * 24 * HOUR;

    // Time and order

    @Test
    void shouldNotFireBeforeTheDeadline() {
        after(10 * MILLI, "a");
        assertThat(expireAfter(10 * MILLI - 1)).isEmpty();
        assertThat(expireAfter(1)).containsExactly("a");
    }

    @Test
    void shouldRoundDeadlineUpAndPresentDown() {
        after(10 * MILLI + 1, "a");
        assertThat(expireAfter(10 * MILLI + 1)).isEmpty();
        assertThat(untilNext(0)).isEqualTo(TICK - 1);
        assertThat(expireAfter(TICK - 2)).isEmpty();
        assertThat(expireAfter(1)).containsExactly("a");
    }

    @Test
    void shouldFireDeadlineOfNowAtOnce() {
        after(0, "a");
        assertThat(untilNext(0)).isZero();
        assertThat(expire(1)).containsExactly("a");
    }

    @Test
    void shouldFireEqualDeadlinesInStartOrder() {
        for (int i = 0; i < 5; i++) {
            after(3 * MILLI, "a" + i);
        }
        assertThat(expireAfter(3 * MILLI)).containsExactly("a0", "a1", "a2", "a3", "a4");
    }

    @Test
    void shouldFireEqualDeadlinesInStartOrderAcrossCascades() {
        long deadlineNanos = clock.nanos + 300_000 * MILLI;
        long[] steps = {0, 37_000, 262_143, 262_144, 294_911, 294_912, 299_968, 299_990, 299_999};
        long startNanos = clock.nanos;
        List<String> expected = new ArrayList<>();
        for (long step : steps) {
            assertThat(expireAfter(startNanos + step * MILLI - clock.nanos)).isEmpty();
            for (int i = 0; i < 2; i++) {
                wheel.schedule(deadlineNanos, step + "-" + i);
                expected.add(step + "-" + i);
            }
        }
        assertThat(expireAfter(MILLI)).containsExactlyElementsOf(expected);
    }

    @Test
    void shouldFireInTickOrderAcrossLevels() {
        long[] delays = {70, 1, 5_000, 63, 64, 4_096, 65, 4_095, 262_144, 300_000, 2};
        for (long delay : delays) {
            after(delay * MILLI, "" + delay);
        }
        assertThat(expireAfter(HOUR))
                .containsExactly("1", "2", "63", "64", "65", "70", "4095", "4096", "5000", "262144", "300000");
    }

    @Test
    void shouldFireOnceEachInTickOrderAfterPauseOfYears() {
        after(20 * YEAR, "decades");
        after(YEAR, "year");
        after(HOUR, "hour");
        after(1, "nanosecond");
        after(HOUR, "hour again");
        after(250 * YEAR, "centuries");
        assertThat(expireAfter(100 * YEAR)).containsExactly("nanosecond", "hour", "hour again", "year", "decades");
        assertThat(expireAfter(150 * YEAR)).containsExactly("centuries");
    }

    @Test
    void shouldFirePastDeadlinesAtNextExpireInStartOrder() {
        expireAfter(100 * MILLI);
        after(-50 * MILLI, "a");
        after(-90 * MILLI, "b");
        after(-200 * YEAR, "c");
        assertThat(untilNext(0)).isZero();
        assertThat(expire(9)).containsExactly("a", "b", "c");
    }

    @Test
    void shouldFireOverdueTimersByDeadlineWhenTheWheelLagsTheClock() {
        clock.nanos += 100 * MILLI;
        after(-10 * MILLI, "later");
        after(-20 * MILLI, "earlier");
        assertThat(expire(9)).containsExactly("earlier", "later");
    }

    @Test
    void shouldBearClockThatStandsStillOrStepsBack() {
        after(5 * MILLI, "a");
        after(8 * MILLI, "b");
        assertThat(expireAfter(5 * MILLI)).containsExactly("a");
        assertThat(expireAfter(0)).isEmpty();
        assertThat(expireAfter(-4 * MILLI)).isEmpty();
        assertThat(untilNext(0)).isEqualTo(7 * MILLI);
        after(MILLI, "already passed");
        assertThat(expire(9)).containsExactly("already passed");
        assertThat(expireAfter(6 * MILLI)).isEmpty();
        assertThat(expireAfter(MILLI)).containsExactly("b");
    }

    @Test
    void shouldKeepLeftoverDueWhenClockStepsBack() {
        after(4 * MILLI, "a");
        after(5 * MILLI, "b");
        clock.nanos += 5 * MILLI;
        assertThat(expire(1)).containsExactly("a");
        clock.nanos -= 3 * MILLI;
        assertThat(untilNext(0)).isZero();
        assertThat(expire(1)).containsExactly("b");
    }

    @Test
    void shouldBearClockThatWraps() {
        ManualClock wrapping = new ManualClock(Long.MAX_VALUE - 3 * MILLI);
        TimerWheel<String> other = new TimerWheel<>(wrapping);
        other.schedule(wrapping.nanos + 10 * MILLI, "a");
        assertThat(other.nanosUntilNext(wrapping.nanos)).isEqualTo(10 * MILLI);
        wrapping.nanos += 9 * MILLI;
        assertThat(other.expire(9, fired::add)).isZero();
        wrapping.nanos += MILLI;
        assertThat(other.expire(9, fired::add)).isOne();
    }

    @Test
    void shouldBearDeadlinesAsFarAsTheClockReaches() {
        clock.nanos += 100 * YEAR;
        wheel.schedule(clock.nanos + Long.MAX_VALUE, "far");
        long farAfter = wheel.scheduleAfter(Long.MAX_VALUE, "far after");
        assertThat(untilNext(0)).isBetween(Long.MAX_VALUE - MILLI, Long.MAX_VALUE - 1);
        assertThat(expire(9)).isEmpty();
        assertThat(expireAfter(200 * YEAR)).isEmpty();
        assertThat(wheel.reschedule(farAfter, clock.nanos + Long.MAX_VALUE)).isTrue();
        assertThat(expireAfter(92 * YEAR)).isEmpty();
        assertThat(expireAfter(YEAR)).containsExactly("far");
        assertThat(expireAfter(198 * YEAR)).isEmpty();
        assertThat(expireAfter(2 * YEAR)).containsExactly("far after");
    }

    @Test
    void shouldRefuseToOutliveItsSpan() {
        assertThatIllegalStateException()
                .isThrownBy(() -> {
                    for (int i = 0; i < 130; i++) {
                        expireAfter(290 * YEAR);
                    }
                })
                .withMessageContaining("span");
    }

    // The wait

    @Test
    void shouldDistinguishNoneFromEveryRealWait() {
        assertThat(untilNext(0)).isEqualTo(TimerWheel.NONE_NANOS);
        clock.nanos += YEAR;
        long handle = wheel.scheduleAfter(Long.MAX_VALUE, "far");
        assertThat(wheel.nanosUntilNext(clock.nanos - YEAR)).isBetween(Long.MAX_VALUE - MILLI, Long.MAX_VALUE - 1);
        wheel.cancel(handle);
        assertThat(untilNext(0)).isEqualTo(TimerWheel.NONE_NANOS);
    }

    @Test
    void shouldWaitExactlyForTimerOfAnyLevel() {
        for (long delay = 1; delay < 1L << 43; delay = delay * 3 + 1) {
            TimerWheel<String> fresh = new TimerWheel<>(clock);
            fresh.schedule(clock.nanos + delay * MILLI, "a");
            assertThat(fresh.nanosUntilNext(clock.nanos)).isEqualTo(delay * MILLI);
            assertThat(fresh.nanosUntilNext(clock.nanos + 1)).isEqualTo(delay * MILLI - 1);
            assertThat(fresh.nanosUntilNext(clock.nanos + delay * MILLI)).isZero();
            assertThat(fresh.expire(clock.nanos + delay * MILLI, 1, fired::add)).isOne();
        }
    }

    @Test
    void shouldNotHideEarlierCoarseTimerBehindLaterFineOne() {
        after(70 * MILLI, "from afar");
        expireAfter(20 * MILLI);
        after(60 * MILLI, "from nearby");
        assertThat(untilNext(0)).isEqualTo(50 * MILLI);
        assertThat(expireAfter(50 * MILLI)).containsExactly("from afar");
        assertThat(untilNext(0)).isEqualTo(10 * MILLI);
        assertThat(expireAfter(10 * MILLI)).containsExactly("from nearby");
    }

    @Test
    void shouldForgetSlotWhoseLastTimerIsGone() {
        long first = after(2 * MILLI, "first");
        long second = after(2 * MILLI, "second");
        long coarse = after(500 * MILLI, "coarse");
        after(HOUR, "hour");
        wheel.cancel(first);
        assertThat(untilNext(0)).isEqualTo(2 * MILLI);
        wheel.cancel(second);
        assertThat(untilNext(0)).isEqualTo(500 * MILLI);
        wheel.reschedule(coarse, clock.nanos + 2 * HOUR);
        assertThat(untilNext(0)).isEqualTo(HOUR);
    }

    @Test
    void shouldWakeForNothingAtMostNineTimesForTimerLeftBehindByCancelledOnes() {
        long dueNanos = clock.nanos + ((1L << 53) - 1) * TICK;
        after(dueNanos - clock.nanos, "a");
        int idle = 0;
        while (!wheel.isEmpty()) {
            // Leaves the coarsest bound it can: an earlier timer of the same slot, cancelled at once.
            for (long ahead = TICK; ahead > 0 && ahead < dueNanos - clock.nanos; ahead *= 2) {
                wheel.cancel(after(dueNanos - clock.nanos - ahead, "gone"));
            }
            assertThat(untilNext(0)).isPositive().isLessThanOrEqualTo(dueNanos - clock.nanos);
            idle += expireAfter(untilNext(0)).isEmpty() ? 1 : 0;
        }
        assertThat(clock.nanos).isEqualTo(dueNanos);
        assertThat(idle).isBetween(1, 9);
    }

    // Expiry, its limit and its callbacks

    @Test
    void shouldReadTheClockOnce() {
        after(MILLI, "a");
        clock.nanos += MILLI;
        clock.reads = 0;
        expire(9);
        assertThat(clock.reads).isOne();
    }

    @Test
    void shouldLeaveTimersBeyondTheLimitDueInOrder() {
        for (int i = 0; i < 3; i++) {
            after(2 * MILLI, "b" + i);
            after(MILLI, "a" + i);
        }
        clock.nanos += 2 * MILLI;
        assertThat(expire(0)).isEmpty();
        assertThat(untilNext(0)).isZero();
        assertThat(expire(2)).containsExactly("a0", "a1");
        assertThat(untilNext(0)).isZero();
        after(0, "c");
        after(-MILLI, "a3");
        assertThat(expire(2)).containsExactly("a2", "a3");
        assertThat(expire(9)).containsExactly("b0", "b1", "b2", "c");
        assertThat(untilNext(0)).isEqualTo(TimerWheel.NONE_NANOS);
    }

    @Test
    void shouldNotFireInTheSameCallWhatCallbackPutsIntoThePast() {
        after(MILLI, "a");
        long other = after(MILLI, "b");
        clock.nanos += 5 * MILLI;
        int count = wheel.expire(9, task -> {
            fired.add(task);
            after(-MILLI, "again " + task);
            after(0, "now " + task);
            wheel.reschedule(other, clock.nanos);
        });
        assertThat(count).isOne();
        assertThat(fired).containsExactly("a");
        assertThat(untilNext(0)).isZero();
        assertThat(expire(9)).containsExactly("again a", "now a", "b");
    }

    @Test
    void shouldLetCallbackCancelAndMoveTimersOfTheSamePass() {
        long[] handles = new long[4];
        handles[0] = after(MILLI, "a");
        handles[1] = after(MILLI, "cancelled");
        handles[2] = after(2 * MILLI, "cancelled too");
        handles[3] = after(2 * MILLI, "moved");
        clock.nanos += 2 * MILLI;
        int count = wheel.expire(9, task -> {
            fired.add(task);
            assertThat(wheel.isLive(handles[0])).isFalse();
            assertThat(wheel.cancel(handles[0])).isFalse();
            assertThat(wheel.cancel(handles[1])).isTrue();
            assertThat(wheel.cancel(handles[2])).isTrue();
            assertThat(wheel.reschedule(handles[3], clock.nanos + MILLI)).isTrue();
            assertThat(wheel.cancel(after(-MILLI, "late and cancelled"))).isTrue();
            handles[0] = wheel.schedule(clock.nanos + MILLI, task);
        });
        assertThat(count).isOne();
        assertThat(expireAfter(MILLI)).containsExactly("moved", "a");
        assertThat(wheel.isEmpty()).isTrue();
    }

    @Test
    void shouldStayWholeWhenCallbackThrows() {
        after(MILLI, "a");
        after(MILLI, "bad");
        after(MILLI, "b");
        after(2 * MILLI, "c");
        clock.nanos += 2 * MILLI;
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> wheel.expire(9, task -> {
                    fired.add(task);
                    if (task.equals("bad")) {
                        after(-MILLI, "late");
                        throw new UnsupportedOperationException(task);
                    }
                }))
                .withMessage("bad");
        assertThat(fired).containsExactly("a", "bad");
        assertThat(wheel.size()).isEqualTo(3);
        assertThat(untilNext(0)).isZero();
        assertThat(expire(9)).containsExactly("b", "late", "c");
    }

    @Test
    void shouldRefuseExpireFromCallback() {
        after(MILLI, "a");
        after(MILLI, "b");
        clock.nanos += MILLI;
        assertThatIllegalStateException()
                .isThrownBy(() -> wheel.expire(9, task -> wheel.expire(1, fired::add)))
                .withMessageContaining("callback");
        assertThat(expire(9)).containsExactly("b");
    }
}
