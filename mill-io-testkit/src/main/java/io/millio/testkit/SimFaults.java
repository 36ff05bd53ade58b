package io.millio.testkit;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The faults of a run, numbered from 0 as they come. Some can be left out, to find those that a failure needs: whole
 * kinds, those from a number on, and single ones. What is left out still takes its random number, so that the run is
 * the same up to there. Guarded by the world.
 */
final class SimFaults {
    /** Above it they are not kept, and a failure is not reduced: memory is bounded however long a run is. */
    private static final int MAX_KEPT = 200_000;

    /** A fault that happened. */
    record Fault(int number, long nanos, String place, String kind) {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            SimTrace.appendTime(text, nanos);
            return text.append("  ").append(place).append("  ").append(kind).toString();
        }
    }

    /**
     * What is left out.
     *
     * @param kinds all faults of these kinds
     * @param from all faults from this number on
     * @param single the faults with these numbers
     */
    record LeftOut(Set<String> kinds, int from, BitSet single) {
        static final LeftOut NONE = new LeftOut(Set.of(), Integer.MAX_VALUE, new BitSet());

        LeftOut andKind(String kind) {
            Set<String> more = new HashSet<>(kinds);
            more.add(kind);
            return new LeftOut(more, from, single);
        }

        LeftOut andFrom(int number) {
            return new LeftOut(kinds, number, single);
        }

        LeftOut andAll(List<Fault> faults) {
            BitSet more = (BitSet) single.clone();
            faults.forEach(fault -> more.set(fault.number()));
            return new LeftOut(kinds, from, more);
        }

        boolean contains(int number, String kind) {
            return number >= from || single.get(number) || kinds.contains(kind);
        }
    }

    private LeftOut leftOut = LeftOut.NONE;
    private final List<Fault> happened = new ArrayList<>();
    private int count;

    void leaveOut(LeftOut what) {
        leftOut = what;
    }

    /** A fault is about to happen; returns whether it does. */
    boolean happens(long nanos, String place, String kind) {
        int number = count++;
        if (leftOut.contains(number, kind)) {
            return false;
        }
        if (happened.size() < MAX_KEPT) {
            happened.add(new Fault(number, nanos, place, kind));
        }
        return true;
    }

    /** Returns all faults that happened; none if they were too many to be kept. */
    List<Fault> happened() {
        return happened.size() < MAX_KEPT ? happened : List.of();
    }
}
