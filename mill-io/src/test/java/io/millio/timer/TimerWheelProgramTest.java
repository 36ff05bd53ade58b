package io.millio.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Runs random programs on a {@link TimerWheel} and on a sorted map side by side. A failure names its seed; run it alone
 * with {@code -Dmillio.timer.seed=...}.
 */
class TimerWheelProgramTest {
    private static final int PROGRAMS = 6_000;
    private static final int STEPS = 250;
    private static final long TICK = 1_000;
    private static final long MILLI = 1_000 * TICK;
    private static final long HOUR = 3_600_000 * MILLI;
    private static final int MAX_IDLE_WAKEUPS = 10;
    private static final String SEED = "millio.timer.seed";

    @Test
    void shouldBehaveLikeSortedMap() {
        Long only = Long.getLong(SEED);
        long fired = 0;
        for (long seed = only == null ? 1 : only; seed <= (only == null ? PROGRAMS : only); seed++) {
            Program program = new Program(seed);
            try {
                program.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", step " + program.step + ": " + e.getMessage(), e);
            }
            fired += program.firedInAll;
        }
        assertThat(fired).as("timers fired").isGreaterThan(only == null ? PROGRAMS * 50 : 0);
    }

    private record Key(long tick, long sequence) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            return tick != other.tick ? Long.compare(tick, other.tick) : Long.compare(sequence, other.sequence);
        }
    }

    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** One program; the wheel's task is the timer's number, the index of its handle. */
    private static final class Program {
        private final Random random;
        private final long originNanos;
        private final TimerWheel<Integer> wheel;
        private final List<Long> handles = new ArrayList<>();

        /* The reference: time is exact, so nothing in it can overflow. */
        private final TreeMap<Key, Integer> timers = new TreeMap<>();
        private final Map<Integer, Key> keys = new HashMap<>();
        private final Map<Integer, Key> late = new LinkedHashMap<>();
        private BigInteger elapsedNanos = BigInteger.ZERO;
        private long reachedTick;
        private long firedTick;
        private long sequence;
        private boolean expiring;

        private int step;
        private int firedInPass;
        private int firedInAll;
        private int jumps;

        Program(long seed) {
            random = new Random(seed);
            originNanos = random.nextBoolean() ? random.nextLong() : random.nextInt();
            wheel = new TimerWheel<>(this::nowNanos, 1 + random.nextInt(8));
        }

        void run() {
            for (step = 0; step < STEPS; step++) {
                act();
                check();
            }
            drain();
        }

        private void act() {
            int choice = random.nextInt(100);
            if (choice < 60) {
                change();
            } else if (choice < 80) {
                passTime();
            } else {
                int limit = random.nextInt(3) == 0 ? random.nextInt(6) : Integer.MAX_VALUE;
                expire(limit);
            }
        }

        private void change() {
            int choice = random.nextInt(10);
            if (choice < 5 || handles.isEmpty()) {
                schedule();
                return;
            }
            int recent = Math.min(handles.size(), 40);
            int number = random.nextInt(5) == 0
                    ? random.nextInt(handles.size())
                    : handles.size() - 1 - random.nextInt(recent);
            long handle = handles.get(number);
            boolean live = keys.containsKey(number);
            assertThat(wheel.isLive(handle)).isEqualTo(live);
            assertThat(wheel.task(handle)).isEqualTo(live ? number : null);
            if (choice < 7) {
                assertThat(wheel.cancel(handle)).isEqualTo(live);
                remove(number);
            } else {
                long delayNanos = delay();
                assertThat(wheel.reschedule(handle, nowNanos() + delayNanos)).isEqualTo(live);
                if (live) {
                    remove(number);
                    put(number, delayNanos);
                }
            }
        }

        private void schedule() {
            long delayNanos = delay();
            boolean relative = delayNanos >= 0 && random.nextBoolean();
            int number = handles.size();
            long handle = relative
                    ? wheel.scheduleAfter(delayNanos, number)
                    : wheel.schedule(nowNanos() + delayNanos, number);
            handles.add(handle);
            put(number, delayNanos);
        }

        private long delay() {
            return switch (random.nextInt(12)) {
                case 0 -> 0;
                case 1 -> -(random.nextLong() >>> 2 + random.nextInt(60));
                case 2 -> random.nextInt(4) * TICK;
                case 3, 4 -> random.nextInt(5_000);
                case 5, 6 -> random.nextInt(200) * MILLI;
                case 7 -> random.nextInt(10_000) * MILLI;
                case 8 -> // A few ticks around the end of some block, so that several timers meet there.
                    (1L << 6 * random.nextInt(1, 8)) * TICK * random.nextInt(1, 4) + random.nextInt(-2, 3) * TICK;
                case 9 -> random.nextLong(48 * HOUR);
                case 10 -> random.nextLong() >>> 1 + random.nextInt(40);
                default -> random.nextInt(8) == 0 ? Long.MAX_VALUE - random.nextInt(3) : random.nextInt(300) * MILLI;
            };
        }

        private void passTime() {
            switch (random.nextInt(12)) {
                case 0 -> elapse(random.nextInt(1_000));
                case 1 -> elapse(random.nextInt(1_500));
                case 2 -> elapse(random.nextInt(1_500_000));
                case 3 -> elapse(random.nextInt(70) * TICK);
                case 4, 5 -> elapse(random.nextInt(70) * MILLI);
                case 6 -> elapse(random.nextInt(5_000) * MILLI);
                case 7 -> elapse(-random.nextInt(5_000_000));
                case 8 -> elapse(random.nextLong(3 * HOUR));
                case 9, 10 -> sleep();
                default -> {
                    if (jumps++ < 12) {
                        elapse(random.nextLong() >>> 2 + random.nextInt(25));
                        // One step of time may not exceed what a difference of clock values can express.
                        expire(random.nextInt(4));
                    }
                }
            }
        }

        private void sleep() {
            long waitNanos = wheel.nanosUntilNext(nowNanos());
            if (waitNanos < 1_000 * HOUR) {
                elapse(waitNanos);
                expire(Integer.MAX_VALUE);
            }
        }

        private void expire(int limit) {
            reachedTick = Math.max(reachedTick, presentTick());
            expiring = true;
            firedInPass = 0;
            boolean thrown = false;
            try {
                int count = random.nextBoolean()
                        ? wheel.expire(limit, number -> fire(number, limit))
                        : wheel.expire(nowNanos(), limit, number -> fire(number, limit));
                assertThat(count).isEqualTo(firedInPass);
            } catch (Thrown e) {
                thrown = true;
            }
            expiring = false;
            if (!thrown && firedInPass < limit) {
                assertThat(timers.isEmpty() || timers.firstKey().tick > reachedTick)
                        .as("nothing due is left")
                        .isTrue();
                firedTick = reachedTick;
            }
            boolean quiet = late.isEmpty() && presentTick() <= reachedTick;
            late.forEach((number, key) -> putTick(number, key.tick));
            late.clear();
            if (!thrown && quiet && firedInPass < limit && !timers.isEmpty()) {
                assertThat(wheel.nanosUntilNext(nowNanos())).isPositive();
            }
        }

        private void fire(int number, int limit) {
            assertThat(++firedInPass).isLessThanOrEqualTo(limit);
            firedInAll++;
            Map.Entry<Key, Integer> first = timers.pollFirstEntry();
            assertThat(number).as("timer fired").isEqualTo(first == null ? null : first.getValue());
            firedTick = first.getKey().tick;
            assertThat(firedTick).as("tick fired").isLessThanOrEqualTo(reachedTick);
            keys.remove(number);
            assertThat(wheel.isLive(handles.get(number))).isFalse();
            for (int i = random.nextInt(4) - 1; i > 0; i--) {
                change();
            }
            if (random.nextInt(30) == 0) {
                elapse(random.nextInt(3_000_000));
            }
            check();
            if (random.nextInt(40) == 0) {
                throw new Thrown();
            }
        }

        private void put(int number, long delayNanos) {
            BigInteger deadlineNanos = elapsedNanos.add(BigInteger.valueOf(delayNanos));
            putTick(number, floorTick(deadlineNanos.add(BigInteger.valueOf(TICK - 1))));
        }

        private void putTick(int number, long tick) {
            Key key;
            if (expiring && tick <= reachedTick) {
                // Its place among the others is known only when the pass is over.
                key = new Key(tick, sequence++);
                late.put(number, key);
            } else {
                key = new Key(Math.max(tick, firedTick), sequence++);
                timers.put(key, number);
            }
            keys.put(number, key);
        }

        private void remove(int number) {
            Key key = keys.remove(number);
            if (key != null) {
                assertThat(timers.remove(key) != null || late.remove(number) != null)
                        .isTrue();
            }
        }

        private void check() {
            assertThat(wheel.size()).isEqualTo(keys.size());
            assertThat(wheel.isEmpty()).isEqualTo(keys.isEmpty());
            long waitNanos = wheel.nanosUntilNext(nowNanos());
            if (keys.isEmpty()) {
                assertThat(waitNanos).isEqualTo(TimerWheel.NONE_NANOS);
            } else if (!late.isEmpty() || timers.firstKey().tick <= Math.max(reachedTick, presentTick())) {
                assertThat(waitNanos).as("wait for what is due").isZero();
            } else {
                BigInteger exactNanos = BigInteger.valueOf(timers.firstKey().tick)
                        .multiply(BigInteger.valueOf(TICK))
                        .subtract(elapsedNanos);
                assertThat(waitNanos).isBetween(0L, Long.MAX_VALUE - 1);
                assertThat(BigInteger.valueOf(waitNanos)).as("wait").isLessThanOrEqualTo(exactNanos);
            }
        }

        /** Sleeps as long as the wheel says, again and again: each timer must then fire on its tick. */
        private void drain() {
            int live = wheel.size();
            int idle = 0;
            while (!keys.isEmpty()) {
                long before = Math.max(reachedTick, presentTick());
                elapse(Math.min(wheel.nanosUntilNext(nowNanos()), Long.MAX_VALUE / 2));
                reachedTick = Math.max(reachedTick, presentTick());
                int fired = wheel.expire(Integer.MAX_VALUE, number -> {
                    Map.Entry<Key, Integer> first = timers.pollFirstEntry();
                    assertThat(number).as("timer fired").isEqualTo(first.getValue());
                    long tick = first.getKey().tick;
                    assertThat(tick == reachedTick || tick <= before)
                            .as("fired on its tick")
                            .isTrue();
                    keys.remove(number);
                });
                firedTick = reachedTick;
                idle += fired == 0 ? 1 : 0;
                assertThat(idle).as("idle wakeups").isLessThanOrEqualTo(MAX_IDLE_WAKEUPS * live);
                check();
            }
            for (long handle : handles) {
                assertThat(wheel.cancel(handle)).isFalse();
            }
        }

        private void elapse(long nanos) {
            elapsedNanos = elapsedNanos.add(BigInteger.valueOf(nanos));
        }

        private long nowNanos() {
            return originNanos + elapsedNanos.longValue();
        }

        private long presentTick() {
            return floorTick(elapsedNanos);
        }

        private static long floorTick(BigInteger nanos) {
            BigInteger[] parts = nanos.divideAndRemainder(BigInteger.valueOf(TICK));
            return parts[0].longValueExact() - (parts[1].signum() < 0 ? 1 : 0);
        }
    }
}
