package io.millio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrorReporterTest {
    private static void failing(Throwable thrown) {
        ErrorReporter reporter = new ErrorReporter(error -> ErrorReporterTest.<RuntimeException>raise(thrown));
        for (int i = 1; i <= 3; i++) {
            reporter.report(LoopError.Origin.TASK, "subject", new IllegalStateException("a failure"));
            assertThat(reporter.count()).isEqualTo(i);
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> void raise(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void reportingThrowsNothingThoughTheHandlerDoes() {
        failing(new IllegalStateException("by the handler"));
        failing(new OutOfMemoryError("by the handler"));
        failing(new StackOverflowError("by the handler"));
    }

    @Test
    void reportingThrowsNothingThoughTheLoggerAndItsTextDo() {
        failing(new IllegalStateException("by the handler") {
            private static final long serialVersionUID = 1;

            @Override
            public String getMessage() {
                throw new OutOfMemoryError("by getMessage");
            }

            @Override
            public StackTraceElement[] getStackTrace() {
                throw new OutOfMemoryError("by getStackTrace");
            }
        });
    }
}
