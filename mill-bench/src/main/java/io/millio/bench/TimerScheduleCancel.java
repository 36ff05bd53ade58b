package io.millio.bench;

/** Starting a timer and cancelling it at once, while many others are live: what a request does with its time-out. */
public class TimerScheduleCancel extends TimerLoad {
    @Override
    int operate() {
        timers.schedule(live, delays.farNanos());
        return timers.cancel(live) ? 1 : 0;
    }
}
