package io.millio.bench;

/**
 * Moving a random one of many live timers: what a connection does with its idle time-out. The platform and Netty have
 * no call for it, and cancel and schedule anew.
 */
public class TimerRearm extends TimerLoad {
    @Override
    int operate() {
        return timers.rearm(delays.below(live), delays.farNanos()) ? 1 : 0;
    }
}
