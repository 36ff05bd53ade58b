package io.millio.bench;

/**
 * One keeper of timers, as the benchmarks see it: its timers have places, each the index of at most one. A fork uses
 * one kind only, so the calls here are inlined. All calls come from one thread.
 */
abstract class TimerSubject implements AutoCloseable {
    /** How far deadlines are apart at most: an idle time-out of a minute. */
    static final long SPREAD_NANOS = 60_000_000_000L;

    /**
     * How far apart the deadlines are of timers that come due, the same for all subjects: those who keep the real time
     * have to wait for it.
     */
    static final long DUE_WITHIN_NANOS = 200_000_000;

    /** Opens the subject of that name, with room for timers at so many places, due within so long. */
    static TimerSubject open(String subject, int places, long withinNanos) {
        return switch (subject) {
            case "Mill.TimerWheel" -> new MillWheelTimers(places);
            case "Mill.EventLoop" -> new MillLoopTimers(places);
            case "JDK.Scheduled" -> new JdkTimers(places);
            case "Netty.HashedWheel" -> new NettyWheelTimers(places);
            case "Netty.EventLoop" -> new NettyLoopTimers(places);
            case "Agrona.Wheel" -> new AgronaTimers(places, withinNanos);
            default -> throw new IllegalArgumentException("subject: " + subject);
        };
    }

    /** Runs this where timers are cheapest to use: a loop's in the loop. Returns when it has run. */
    void inTurn(Runnable work) {
        work.run();
    }

    /** Starts a timer at a place that has none. */
    abstract void schedule(int place, long delayNanos);

    /** Cancels the timer at a place; false if it is gone. */
    abstract boolean cancel(int place);

    /** Moves the timer at a place, in the cheapest way that the interface has. */
    boolean rearm(int place, long delayNanos) {
        boolean live = cancel(place);
        schedule(place, delayNanos);
        return live;
    }

    /** Comes before timers that are to become due: none fires until {@link #fire}. */
    void hold() {}

    /** Lets so much time pass that all timers are due. */
    abstract void makeDue();

    /** Fires so many timers, all that there are. */
    abstract void fire(int timers);

    @Override
    public abstract void close();
}
