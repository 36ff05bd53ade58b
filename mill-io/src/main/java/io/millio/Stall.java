package io.millio;

import io.millio.internal.Texts;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something has taken longer than the threshold of {@link EventLoopBuilder#watchdog}.
 *
 * @param kind what it is
 * @param loop the loop; null for {@link Kind#PAUSE}
 * @param subject what runs: the connection, {@link Registration}, {@link Runnable} or {@link Timer}; null if nothing
 * @param elapsed how long it has taken already, to within an eighth of the threshold, less rather than more
 * @param thread the name of the thread; null if there is none
 * @param stack where that thread is now; empty if there is none
 */
public record Stall(
        Kind kind,
        @Nullable EventLoop loop,
        @Nullable Object subject,
        Duration elapsed,
        @Nullable String thread,
        List<StackTraceElement> stack) {
    /** What has stalled. */
    public enum Kind {
        /** A callback, task or timer keeps the loop from its other work. */
        LOOP,
        /** A handler has been running on a worker, or another thread of the loop's executor. */
        WORKER,
        /** No thread drives the loop, and work is waiting for it: {@link EventLoop#start} or {@link EventLoop#run}. */
        NOT_DRIVEN,
        /** The whole process stood still: garbage collection or another pause of the JVM, a signal, a busy machine. */
        PAUSE
    }

    public Stall {
        stack = List.copyOf(stack);
    }

    /** A pause of the process, a part of which went to garbage collections. */
    static Stall pause(long nanos, long collectionMillis) {
        String what =
                collectionMillis == 0 ? "no garbage collection" : "garbage collections " + collectionMillis + " ms";
        return new Stall(Kind.PAUSE, null, what, Duration.ofNanos(nanos), null, List.of());
    }

    /** Describes the stall in a line, with the stack on lines of its own. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(256);
        switch (kind) {
            case LOOP ->
                text.append(loop)
                        .append(" has been busy for ")
                        .append(millis())
                        .append(" ms with ")
                        .append(Texts.of(subject));
            case WORKER ->
                text.append("a handler of ")
                        .append(loop)
                        .append(" has been running for ")
                        .append(millis())
                        .append(" ms: ")
                        .append(Texts.of(subject));
            case NOT_DRIVEN ->
                text.append(loop)
                        .append(" has work and no thread for ")
                        .append(millis())
                        .append(" ms: call start() or run()");
            case PAUSE ->
                text.append("the process stood still for ")
                        .append(millis())
                        .append(" ms: ")
                        .append(Texts.of(subject));
        }
        if (thread != null) {
            text.append(", on ").append(thread);
        }
        for (StackTraceElement frame : stack) {
            text.append("\n    at ").append(frame);
        }
        return text.toString();
    }

    private long millis() {
        return elapsed.toMillis();
    }
}
