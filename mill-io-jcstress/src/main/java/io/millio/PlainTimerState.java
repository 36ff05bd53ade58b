package io.millio;

/** A timer's word without a timer. */
final class PlainTimerState extends TimerState {
    PlainTimerState(long deadlineNanos) {
        super(deadlineNanos);
    }

    @Override
    void update() {}

    @Override
    void failed(Throwable why) {
        throw new AssertionError(why);
    }
}
