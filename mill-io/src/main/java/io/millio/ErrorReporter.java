package io.millio;

import io.millio.internal.FailedCallback;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts failures and passes them to the error handler. Any thread. Reporting throws nothing and needs no memory of its
 * own: it is called where memory or stack have just run out.
 */
final class ErrorReporter {
    private final ErrorHandler handler;

    // Atomic, and no LongAdder, which allocates.
    private final AtomicLong count = new AtomicLong();

    ErrorReporter(ErrorHandler handler) {
        this.handler = handler;
    }

    /** Loads, for a handler of the library's own, what it may be unable to load when it is needed. */
    void rehearse() {
        if (handler instanceof LoggingErrorHandler logging) {
            try {
                logging.rehearse();
            } catch (Throwable t) {
                logHandlerFailure(t);
            }
        }
    }

    /** Counts a failure and reports it to the handler. Throws nothing. */
    void report(LoopError.Origin origin, Object subject, Throwable cause) {
        try {
            count.incrementAndGet();
            handler.onError(
                    subject instanceof FailedCallback callback
                            ? new LoopError(LoopError.Origin.HANDLER, callback.subject(), cause)
                            : new LoopError(origin, subject, cause));
        } catch (Throwable t) {
            logHandlerFailure(t);
        }
    }

    private static void logHandlerFailure(Throwable failure) {
        try {
            LoggingErrorHandler.logger().log(System.Logger.Level.ERROR, "the error handler itself failed", failure);
        } catch (Throwable t) {
            printHandlerFailure(failure);
        }
    }

    private static void printHandlerFailure(Throwable failure) {
        try {
            System.err.println("the error handler of an event loop failed: " + failure);
        } catch (Throwable t) {
            // Neither logging nor printing works, for want of memory for instance; the failure has been counted.
        }
    }

    long count() {
        return count.get();
    }

    /** Returns whether a failure does not belong to a single handler, so that the loop must end. */
    static boolean isFatal(Throwable t) {
        return t instanceof VirtualMachineError
                && !(t instanceof StackOverflowError)
                && !(t instanceof OutOfMemoryError);
    }
}
