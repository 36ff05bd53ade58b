package io.millio;

import java.util.concurrent.atomic.LongAdder;

/** Counts failures and tells the error handler. Any thread. */
final class ErrorReporter {
    private final ErrorHandler handler;
    private final LongAdder count = new LongAdder();

    ErrorReporter(ErrorHandler handler) {
        this.handler = handler;
    }

    /** Has a handler of the library's own load now what it may be unable to load when it is needed. */
    void rehearse() {
        if (handler instanceof LoggingErrorHandler logging) {
            try {
                logging.rehearse();
            } catch (Throwable t) {
                tellOfHandler(t);
            }
        }
    }

    void report(LoopError.Origin origin, Object subject, Throwable cause) {
        count.increment();
        try {
            handler.onError(new LoopError(origin, subject, cause));
        } catch (Throwable t) {
            tellOfHandler(t);
        }
    }

    private static void tellOfHandler(Throwable failure) {
        try {
            LoggingErrorHandler.logger().log(System.Logger.Level.ERROR, "the error handler itself failed", failure);
        } catch (Throwable t) {
            // Not even logging works: standard error is what is left, and the loop goes on whatever comes of it.
            System.err.println("the error handler of an event loop failed: " + failure);
        }
    }

    long count() {
        return count.sum();
    }

    /** Whether a failure is no single handler's, so that the loop must end. */
    static boolean isFatal(Throwable t) {
        return t instanceof VirtualMachineError
                && !(t instanceof StackOverflowError)
                && !(t instanceof OutOfMemoryError);
    }
}
