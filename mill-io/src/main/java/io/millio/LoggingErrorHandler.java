package io.millio;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The default error handler: a line a second at most in the {@link System.Logger} named {@code io.millio.EventLoop}. Of what the
 * network does the message will do; anything else comes with its stack trace. Any thread.
 */
final class LoggingErrorHandler implements ErrorHandler {
    private static final long INTERVAL_NANOS = 1_000_000_000;

    private final System.Logger logger = System.getLogger(EventLoop.class.getName());
    private final LongSupplier nanoClock;
    // Moved forward by compare-and-set: who succeeds may log.
    private final AtomicLong nextNanos;
    private final AtomicLong suppressed = new AtomicLong();

    LoggingErrorHandler(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.nextNanos = new AtomicLong(nanoClock.getAsLong());
        // Loads the logging classes now: a process that has run out of descriptors could not.
        logger.isLoggable(System.Logger.Level.WARNING);
    }

    @Override
    public void onError(LoopError error) {
        long now = nanoClock.getAsLong();
        long next = nextNanos.get();
        if (now - next < 0 || !nextNanos.compareAndSet(next, now + INTERVAL_NANOS)) {
            suppressed.incrementAndGet();
            return;
        }
        long before = suppressed.getAndSet(0);
        String more = before == 0 ? "" : " (and " + before + " more before)";
        String text = error.origin() + " failed: " + error.subject() + ": " + error.cause() + more;
        if (error.cause() instanceof java.io.IOException) {
            logger.log(System.Logger.Level.WARNING, text);
        } else {
            logger.log(System.Logger.Level.WARNING, text, error.cause());
        }
    }
}
