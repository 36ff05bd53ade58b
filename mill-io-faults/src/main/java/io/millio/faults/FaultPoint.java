package io.millio.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Called by rewritten classes at each fault point. Counts the visits of one kind while armed and throws at those that
 * were chosen; the thread that armed it, which drives the simulation, is left out unless it asks for it. Any thread.
 */
public final class FaultPoint {
    /** Starts the message of each injected failure. */
    static final String MESSAGE = "injected fault ";

    /**
     * Stands for a method entry near the bottom of a thread's stack, where it cannot overflow: an overflow needs a
     * recursion of the program below the library's frames.
     */
    static final FaultSite BOTTOM = new FaultSite(FaultKind.STACK, "bottom", "entry");

    private static final List<FaultSite> SITES = new ArrayList<>();

    /** One run. Guarded by its monitor. */
    private static final class Plan {
        final FaultKind kind;
        final Predicate<FaultSite> exempt;
        // Both move on where a run comes to another place than the one before it.
        long first;
        long last;
        final List<FaultSite> visited = new ArrayList<>();
        final Thread owner = Thread.currentThread();
        boolean paused;
        boolean ownerIncluded;
        int thrown;

        Plan(FaultKind kind, long first, int width, Predicate<FaultSite> exempt) {
            this.kind = kind;
            this.exempt = exempt;
            this.first = first;
            this.last = first + width - 1;
        }

        synchronized @Nullable String visit(FaultSite site) {
            if (paused || (!ownerIncluded && Thread.currentThread() == owner) || exempt.test(site)) {
                return null;
            }
            boolean bottom = site.kind() == FaultKind.STACK && last < first && !isBelowProgram();
            visited.add(bottom ? BOTTOM : site);
            long visit = visited.size();
            if (visit < first || visit > last) {
                return null;
            }
            if (site.kind() == FaultKind.STACK && thrown == 0 && !isBelowProgram()) {
                first++;
                last++;
                return null;
            }
            thrown++;
            return MESSAGE + visit + ": " + site;
        }

        synchronized void pause(boolean pause) {
            paused = pause;
        }

        synchronized boolean includeOwner(boolean include) {
            if (Thread.currentThread() != owner) {
                return true; // all others are included
            }
            boolean was = ownerIncluded;
            ownerIncluded = include;
            return was;
        }
    }

    // Volatile: written by the thread of the sweep, read by all threads of the scenario.
    private static volatile @Nullable Plan plan;

    /** How many class initializers are running. */
    private static final ThreadLocal<int[]> INITIALIZERS = ThreadLocal.withInitial(() -> new int[1]);

    private FaultPoint() {}

    /** Adds a site and returns its number. */
    static int add(FaultSite site) {
        synchronized (SITES) {
            SITES.add(site);
            return SITES.size() - 1;
        }
    }

    private static boolean isBelowProgram() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.anyMatch(frame -> isProgram(frame.getDeclaringClass())));
    }

    /** Whether a class is of the program under test: loaded for it, and not of the library. */
    private static boolean isProgram(Class<?> type) {
        String name = type.getName();
        return type.getClassLoader() instanceof FaultClassLoader
                && (!name.startsWith("io.millio.") || name.startsWith("io.millio.faults."));
    }

    /** Called by rewritten code: fails if this visit was chosen. */
    public static void visit(int number) {
        Plan current = plan;
        if (current == null) {
            return;
        }
        FaultSite site;
        synchronized (SITES) {
            site = SITES.get(number);
        }
        if (site.kind() != current.kind || INITIALIZERS.get()[0] > 0) {
            return;
        }
        String failure = current.visit(site);
        if (failure != null) {
            FaultPoint.<RuntimeException>sneak(site.kind().failure(failure));
        }
    }

    /** Called by rewritten code when a class initializer begins. */
    public static void enterInitializer() {
        INITIALIZERS.get()[0]++;
    }

    /** Called by rewritten code when a class initializer ends. */
    public static void leaveInitializer() {
        INITIALIZERS.get()[0]--;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> void sneak(Throwable failure) throws T {
        throw (T) failure;
    }

    /**
     * Has visits of a kind counted, and those from the first on fail, as many as the width; width 0: none fails. Those
     * of exempt places do neither.
     */
    static void arm(FaultKind kind, long first, int width, Predicate<FaultSite> exempt) {
        plan = new Plan(kind, first, width, exempt);
    }

    /** Ends the counting; returns the visited sites in the order of their visits. */
    static List<FaultSite> disarm() {
        Plan ended = plan;
        plan = null;
        if (ended == null) {
            return List.of();
        }
        synchronized (ended) {
            return List.copyOf(ended.visited);
        }
    }

    /** Returns how many faults have been thrown since the last arming. */
    public static int thrown() {
        Plan current = plan;
        if (current == null) {
            return 0;
        }
        synchronized (current) {
            return current.thrown;
        }
    }

    /** Returns what fails since the last arming; null if nothing does. */
    public static @Nullable FaultKind kind() {
        Plan current = plan;
        return current == null ? null : current.kind;
    }

    /** Stops counting and failing until {@link #resume}: for what a scenario does only to set up or to check. */
    public static void pause() {
        setPaused(true);
    }

    /** Undoes {@link #pause}. */
    public static void resume() {
        setPaused(false);
    }

    private static void setPaused(boolean paused) {
        Plan current = plan;
        if (current != null) {
            current.pause(paused);
        }
    }

    /**
     * Has what the thread of the sweep itself calls fail as well, or no longer. No effect on another thread.
     *
     * @return whether it did
     */
    public static boolean includeOwner(boolean include) {
        Plan current = plan;
        return current != null && current.includeOwner(include);
    }

    /** Whether this failure, or one of its causes, was injected. */
    public static boolean isInjected(@Nullable Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            String message = each.getMessage();
            if (message != null && message.contains(MESSAGE)) {
                return true;
            }
        }
        return false;
    }
}
