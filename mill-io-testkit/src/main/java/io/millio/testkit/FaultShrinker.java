package io.millio.testkit;

import io.millio.testkit.SimFaults.Fault;
import io.millio.testkit.SimFaults.LeftOut;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the faults that a failure needs, by runs in which some are left out: all of them, then each kind, then all
 * from some number on, and at last parts of what is left, each half as long as the one before (as in delta debugging:
 * A. Zeller and R. Hildebrandt, "Simplifying and isolating failure-inducing input", 2002). What is left out stays so if
 * the run fails in the same way. The result is small, not always the smallest. For the thread of the test.
 */
final class FaultShrinker {
    private static final int MAX_RUNS = 200;
    private static final long MAX_NANOS = 20_000_000_000L;

    private enum Phase {
        ALL,
        KINDS,
        TAIL,
        PARTS,
        OVER
    }

    private final int before;
    private final long begin = System.nanoTime();
    private Phase phase = Phase.ALL;
    private LeftOut leftOut = LeftOut.NONE;
    private LeftOut tried = LeftOut.NONE;
    private List<Fault> faults;
    private Iterator<String> kinds;
    private int passes; // leaving out all from this number on makes the run pass
    private int fails; // and from this one on, fail
    private int middle;
    private int part;
    private int at;
    private int runs;

    FaultShrinker(List<Fault> faults) {
        this.before = faults.size();
        this.faults = List.copyOf(faults);
        this.kinds = this.faults.stream().map(Fault::kind).distinct().iterator();
    }

    /** Returns what the next run leaves out, or null if there is none. */
    @Nullable
    LeftOut next() {
        if (++runs > MAX_RUNS || System.nanoTime() - begin > MAX_NANOS) {
            phase = Phase.OVER;
        }
        if (phase == Phase.KINDS && !kinds.hasNext()) {
            phase = Phase.TAIL;
            fails = faults.get(faults.size() - 1).number() + 1;
        }
        if (phase == Phase.TAIL && fails - passes <= 1) {
            phase = Phase.PARTS;
            part = (faults.size() + 1) / 2;
        }
        if (phase == Phase.PARTS && at >= faults.size()) {
            phase = part == 1 ? Phase.OVER : Phase.PARTS;
            part = (part + 1) / 2;
            at = 0;
        }
        middle = (passes + fails) >>> 1;
        LeftOut next = switch (phase) {
            case ALL -> leftOut.andFrom(0);
            case KINDS -> leftOut.andKind(kinds.next());
            case TAIL -> leftOut.andFrom(middle);
            case PARTS -> leftOut.andAll(faults.subList(at, Math.min(at + part, faults.size())));
            case OVER -> null;
        };
        tried = next == null ? leftOut : next;
        return next;
    }

    /** The run has ended. */
    void ran(boolean failedLikewise, List<Fault> happened) {
        boolean better = failedLikewise && happened.size() < faults.size();
        if (better) {
            leftOut = tried;
            faults = List.copyOf(happened);
        }
        switch (phase) {
            case ALL -> phase = better && faults.isEmpty() ? Phase.OVER : Phase.KINDS;
            case TAIL -> {
                fails = failedLikewise ? middle : fails;
                passes = failedLikewise ? passes : middle;
            }
            case PARTS -> {
                at += better ? 0 : part;
                phase = faults.isEmpty() ? Phase.OVER : phase;
            }
            case KINDS -> phase = faults.isEmpty() ? Phase.OVER : phase;
            case OVER -> {}
        }
    }

    /** Returns what the run leaves out that shows the result. */
    LeftOut leftOut() {
        return leftOut;
    }

    /** Returns the result, for a message. */
    String describe() {
        if (faults.isEmpty()) {
            return "It fails without any fault.";
        }
        StringBuilder text = new StringBuilder("Of " + before + " faults it needs " + faults.size() + ":");
        faults.forEach(fault -> text.append("\n  ").append(fault));
        return text.append("\nAnd with these alone:").toString();
    }
}
