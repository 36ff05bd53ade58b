package io.millio;

import io.millio.internal.Texts;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes what a loop does now. Any thread; the loop may be stuck. */
final class LoopDump {
    private LoopDump() {}

    static void append(StringBuilder text, Reactor reactor, @Nullable Thread driver) {
        CurrentRun run = reactor.turn.run;
        LoopStats stats = reactor.stats();
        text.append("loop ").append(reactor.loop).append(": ");
        if (reactor.isClosed()) {
            text.append("closed");
        } else if (driver == null) {
            text.append("no thread drives it");
        } else {
            text.append("driven by ").append(driver.getName());
        }
        text.append(", ")
                .append(stats.registrations())
                .append(" registrations, ")
                .append(stats.timers());
        text.append(" timers, ")
                .append(reactor.isIdle() ? "no work waits" : "work waits")
                .append('\n');
        text.append("  ")
                .append(stats.turns())
                .append(" turns, ")
                .append(stats.events())
                .append(" events, ");
        text.append(stats.tasks())
                .append(" tasks, ")
                .append(stats.timersFired())
                .append(" timers fired, ");
        text.append(stats.errors())
                .append(" errors, ")
                .append(stats.acceptPauses())
                .append(" accept pauses\n");
        LoopTimes times = stats.times();
        if (times != null) {
            text.append("  turns: ").append(times.turns()).append("\n  runs: ").append(times.runs());
            text.append("\n  task delays: ").append(times.taskDelays()).append('\n');
        }
        CurrentRun.Snapshot now = run.snapshot();
        if (now != null) {
            long millis = (reactor.clock.getAsLong() - run.turnNanos()) / 1_000_000;
            text.append("  runs ")
                    .append(Texts.of(StallDetector.subjectOf(now.subject())))
                    .append(", in a turn that began ");
            text.append(millis).append(" ms ago\n");
            appendStack(text, driver);
        }
        appendRegistrations(text, reactor);
    }

    private static void appendStack(StringBuilder text, @Nullable Thread thread) {
        if (thread != null) {
            for (StackTraceElement frame : thread.getStackTrace()) {
                text.append("    at ").append(frame).append('\n');
            }
        }
    }

    private static void appendRegistrations(StringBuilder text, Reactor reactor) {
        Map<String, Integer> counts = new TreeMap<>();
        for (SourceRegistration each : reactor.registry.all()) {
            counts.merge(each.handler.getClass().getName(), 1, Integer::sum);
            WorkerDispatch.Run run = each.workerRun();
            Thread thread = run == null ? null : run.thread();
            if (thread != null) {
                text.append("  ")
                        .append(thread.getName())
                        .append(" runs ")
                        .append(Texts.of(StallDetector.subjectOf(each)))
                        .append('\n');
                appendStack(text, thread);
            }
        }
        counts.forEach((handler, count) -> text.append("  ")
                .append(count)
                .append(" registrations of ")
                .append(handler)
                .append('\n'));
    }
}
