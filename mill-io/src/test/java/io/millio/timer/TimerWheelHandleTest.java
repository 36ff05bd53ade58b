package io.millio.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@link TimerWheel} promises of arguments, handles and capacity. */
class TimerWheelHandleTest extends TimerWheelCase {
    // Delays and arguments

    @Test
    void shouldFireAfterDelay() {
        expireAfter(TICK / 2);
        wheel.scheduleAfter(0, "now");
        wheel.scheduleAfter(2 * TICK, "soon");
        assertThat(expireAfter(TICK / 2)).containsExactly("now");
        assertThat(expireAfter(3 * TICK / 2)).isEmpty();
        assertThat(expireAfter(TICK / 2)).containsExactly("soon");
    }

    @Test
    @SuppressWarnings("NullAway") // passes null on purpose
    void shouldNameBadArguments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> wheel.scheduleAfter(-7, "a"))
                .withMessageContainingAll("delayNanos", "-7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> wheel.expire(-2, fired::add))
                .withMessageContainingAll("limit", "-2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TimerWheel<>(clock, 0))
                .withMessageContainingAll("initialCapacity", "0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TimerWheel<>(clock, TimerWheel.MAX_TIMERS + 1))
                .withMessageContaining("initialCapacity");
        assertThatNullPointerException()
                .isThrownBy(() -> wheel.schedule(0, null))
                .withMessage("task");
        assertThatNullPointerException()
                .isThrownBy(() -> wheel.scheduleAfter(0, null))
                .withMessage("task");
        assertThatNullPointerException().isThrownBy(() -> wheel.expire(1, null)).withMessage("expired");
        assertThat(wheel.isEmpty()).isTrue();
    }

    // Handles

    @Test
    void shouldCancelOnce() {
        long handle = after(MILLI, "a");
        assertThat(handle).isNotZero();
        assertThat(wheel.task(handle)).isEqualTo("a");
        assertThat(wheel.isLive(handle)).isTrue();
        assertThat(wheel.size()).isOne();
        assertThat(wheel.cancel(handle)).isTrue();
        assertThat(wheel.cancel(handle)).isFalse();
        assertThat(wheel.isLive(handle)).isFalse();
        assertThat(wheel.task(handle)).isNull();
        assertThat(wheel.reschedule(handle, clock.nanos)).isFalse();
        assertThat(wheel.isEmpty()).isTrue();
        assertThat(untilNext(0)).isEqualTo(TimerWheel.NONE_NANOS);
        assertThat(expireAfter(MILLI)).isEmpty();
    }

    @Test
    void shouldCancelDueTimer() {
        long handle = after(-MILLI, "a");
        assertThat(wheel.cancel(handle)).isTrue();
        assertThat(untilNext(0)).isEqualTo(TimerWheel.NONE_NANOS);
        assertThat(expire(9)).isEmpty();
    }

    @Test
    void shouldLetGoOfTheTaskAtOnceWhenCancelled() {
        TimerWheel<Object> objects = new TimerWheel<>(clock);
        Object task = new Object();
        WeakReference<Object> reference = new WeakReference<>(task);
        long handle = objects.schedule(clock.nanos, task);
        task = null;
        objects.cancel(handle);
        for (int i = 0; i < 100 && reference.get() != null; i++) {
            System.gc();
        }
        assertThat(reference.get()).isNull();
        assertThat(objects.isEmpty()).isTrue();
    }

    @Test
    void shouldNotCancelStrangerByStaleHandle() {
        List<Long> stale = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            long handle = after(MILLI, "a");
            assertThat(stale).doesNotContain(handle);
            stale.add(handle);
            if (i % 2 == 0) {
                wheel.cancel(handle);
            } else {
                expireAfter(MILLI);
            }
        }
        long stranger = after(MILLI, "stranger");
        for (long handle : stale) {
            assertThat(wheel.cancel(handle)).isFalse();
            assertThat(wheel.reschedule(handle, clock.nanos)).isFalse();
        }
        assertThat(wheel.isLive(stranger)).isTrue();
        assertThat(expireAfter(MILLI)).containsExactly("stranger");
    }

    @Test
    void shouldRefuseForeignHandles() {
        long mine = after(MILLI, "mine");
        TimerWheel<String> other = new TimerWheel<>(clock);
        long foreign = other.schedule(clock.nanos + MILLI, "other");
        long[] handles = {foreign, 0, -1, 1, Long.MIN_VALUE, mine ^ 1, mine ^ 1L << 32, mine ^ 1L << 31};
        for (long handle : handles) {
            assertThat(wheel.cancel(handle)).as("handle %x", handle).isFalse();
            assertThat(wheel.isLive(handle)).isFalse();
        }
        assertThat(wheel.cancel(mine)).isTrue();
        assertThat(other.cancel(foreign)).isTrue();
        // The handle its free node would carry, were it live.
        assertThat(wheel.cancel(mine ^ 3L << 32)).isFalse();
    }

    @Test
    void shouldRetireNodeWhoseGenerationsAreUsedUp() throws ReflectiveOperationException {
        wheel.cancel(after(MILLI, "first"));
        int[] generations = (int[]) read(read(wheel, "nodes"), "generations");
        int node = wheelLists();
        assertThat(generations[node]).isEqualTo(2);
        generations[node] = -2;
        long last = after(MILLI, "last");
        assertThat(wheel.cancel(last)).isTrue();
        long other = after(MILLI, "other node");
        assertThat(wheel.cancel(last)).isFalse();
        assertThat(generations[node]).isZero();
        assertThat(generations[node + 1]).isOne();
        assertThat(wheel.isLive(other)).isTrue();
    }

    private int wheelLists() throws ReflectiveOperationException {
        return (int) read(read(wheel, "nodes"), "lists");
    }

    private static Object read(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    @Test
    void shouldKeepHandleAndTaskWhenRescheduled() {
        long handle = after(5 * MILLI, "a");
        assertThat(wheel.reschedule(handle, clock.nanos + HOUR)).isTrue();
        assertThat(expireAfter(5 * MILLI)).isEmpty();
        assertThat(wheel.task(handle)).isEqualTo("a");
        assertThat(wheel.reschedule(handle, clock.nanos + MILLI)).isTrue();
        assertThat(untilNext(0)).isEqualTo(MILLI);
        assertThat(expireAfter(MILLI)).containsExactly("a");
        assertThat(wheel.isLive(handle)).isFalse();
    }

    @Test
    void shouldPutRescheduledTimerLastAmongEquals() {
        long moved = after(5 * MILLI, "moved");
        after(5 * MILLI, "b");
        after(5 * MILLI, "c");
        wheel.reschedule(moved, clock.nanos + 5 * MILLI);
        assertThat(expireAfter(5 * MILLI)).containsExactly("b", "c", "moved");
    }

    @Test
    void shouldKeepTimerWhenClockThrowsInReschedule() {
        boolean[] broken = {false};
        TimerWheel<String> other = new TimerWheel<>(() -> {
            if (broken[0]) {
                throw new UnsupportedOperationException("broken clock");
            }
            return 0;
        });
        long handle = other.schedule(MILLI, "a");
        broken[0] = true;
        assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> other.reschedule(handle, -1));
        assertThat(other.expire(MILLI, 9, fired::add)).isOne();
        assertThat(fired).containsExactly("a");
    }

    // Capacity

    @Test
    void shouldGrowAndKeepOrderAndHandles() {
        TimerWheel<Integer> small = new TimerWheel<>(clock, 1);
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            handles.add(small.schedule(clock.nanos + i % 97 * 50L * MILLI, i));
        }
        assertThat(handles).doesNotHaveDuplicates().doesNotContain(0L);
        for (int i = 0; i < 10_000; i++) {
            assertThat(small.task(handles.get(i))).isEqualTo(i);
        }
        List<Integer> tasks = new ArrayList<>();
        small.expire(clock.nanos + HOUR, Integer.MAX_VALUE, tasks::add);
        assertThat(tasks).hasSize(10_000).isSortedAccordingTo((a, b) -> a % 97 != b % 97 ? a % 97 - b % 97 : a - b);
    }

    @Test
    void shouldGrowInCallback() {
        TimerWheel<Integer> small = new TimerWheel<>(clock, 1);
        small.schedule(clock.nanos, 1);
        List<Integer> tasks = new ArrayList<>();
        small.expire(9, task -> {
            for (int i = 0; i < 100; i++) {
                small.schedule(clock.nanos, i);
            }
        });
        assertThat(small.expire(1_000, tasks::add)).isEqualTo(100);
        assertThat(tasks).isSorted();
    }

    @Test
    void shouldSayThatItIsFullAndGoOnOnceTimersAreGone() {
        TimerWheel<String> small = new TimerWheel<>(clock, 2, 5);
        long handle = 0;
        for (int i = 0; i < 5; i++) {
            handle = small.schedule(clock.nanos, "a");
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> small.schedule(clock.nanos, "too many"))
                .withMessageContainingAll("full", "5");
        assertThat(small.size()).isEqualTo(5);
        assertThat(small.cancel(handle)).isTrue();
        small.schedule(clock.nanos, "fits");
        assertThat(small.expire(9, fired::add)).isEqualTo(5);
        assertThat(fired).containsExactly("a", "a", "a", "a", "fits");
    }

    @Test
    void shouldClearAllTimersOfAllLevelsAndStayUsable() {
        List<Integer> cleared = new ArrayList<>();
        TimerWheel<Integer> many = new TimerWheel<>(clock, 1);
        long stale = many.schedule(clock.nanos - MILLI, 0);
        for (int i = 1; i < 40; i++) {
            many.schedule(clock.nanos + (1L << i), i);
        }

        many.clear(cleared::add);

        assertThat(cleared).hasSize(40).doesNotHaveDuplicates();
        assertThat(many.isEmpty()).isTrue();
        assertThat(many.nanosUntilNext(clock.nanos)).isEqualTo(TimerWheel.NONE_NANOS);
        assertThat(many.cancel(stale)).isFalse();
        many.schedule(clock.nanos, 7);
        assertThat(many.expire(1, cleared::add)).isEqualTo(1);
    }
}
