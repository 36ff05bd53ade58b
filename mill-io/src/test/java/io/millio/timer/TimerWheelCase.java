package io.millio.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** A wheel on a clock that is moved by hand, and what it has fired. */
abstract class TimerWheelCase {
    /** The resolution of a wheel. */
    static final long TICK = 1_000;

    static final long MILLI = 1_000_000;
    static final long HOUR = 3_600_000 * MILLI;

    final ManualClock clock = new ManualClock(-5_000_123_457L);
    final TimerWheel<String> wheel = new TimerWheel<>(clock);
    final List<String> fired = new ArrayList<>();

    final long after(long delayNanos, String task) {
        return wheel.schedule(clock.nanos + delayNanos, task);
    }

    final List<String> expireAfter(long nanos) {
        clock.nanos += nanos;
        return expire(Integer.MAX_VALUE);
    }

    final List<String> expire(int limit) {
        fired.clear();
        int count = wheel.expire(limit, fired::add);
        assertThat(count).isEqualTo(fired.size());
        return fired;
    }

    final long untilNext(long aheadNanos) {
        return wheel.nanosUntilNext(clock.nanos + aheadNanos);
    }
}
