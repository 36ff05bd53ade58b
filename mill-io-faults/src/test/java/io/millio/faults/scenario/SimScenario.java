package io.millio.faults.scenario;

import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.LoopError;
import io.millio.faults.FaultPoint;
import io.millio.faults.FaultScenario;
import io.millio.task.ComputePool;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A loop in a simulated network, and the checks that hold after every run: the loop is open unless it reported why not,
 * each registration is closed once, each future is completed, each failure was reported, nothing is left.
 */
@SuppressWarnings("NullAway.Init") // set at the start of each run
abstract class SimScenario implements FaultScenario {
    private long seed = 7;

    /** What a test does in its own name, with failures that the library threw at it. */
    interface Action {
        void run() throws Throwable;
    }

    final List<LoopError> errors = new ArrayList<>();
    final List<Throwable> caught = new ArrayList<>();
    private final IdentityHashMap<EventHandler, Closes> closes = new IdentityHashMap<>();
    private final List<Accepted> accepted = new ArrayList<>();
    private final Map<String, CompletableFuture<?>> futures = new LinkedHashMap<>();

    private static final class Closes {
        int registered;
        int closed;
    }

    /** Work that the loop took on: it must run once, or be refused. */
    final class Accepted implements Runnable {
        final String what;
        boolean refused;
        int runs;

        Accepted(String what) {
            this.what = what;
            accepted.add(this);
        }

        @Override
        public void run() {
            runs++;
        }
    }

    SimNetwork network;
    SimHost server;
    EventLoop loop;

    /** Changes the settings of the loop. */
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return builder;
    }

    /** Returns a new compute pool with two threads of the simulation. */
    final ComputePool computePool() {
        return ComputePool.builder()
                .executor(server.executor(2))
                .errorHandler((task, failure) -> caught.add(failure))
                .build();
    }

    /** What the scenario does; faults strike in here and in the shutdown. */
    abstract void act() throws Throwable;

    /** Checks what a scenario knows besides, when the loop is closed. */
    void checkRest() throws Exception {}

    @Override
    public final void seed(long other) {
        seed = other;
    }

    @Override
    public final void run() throws Throwable {
        errors.clear();
        caught.clear();
        closes.clear();
        accepted.clear();
        futures.clear();
        FaultPoint.pause();
        network = SimNetwork.seeded(seed);
        network.stepLimit(200_000).keepTrace(200);
        try {
            server = network.host("server");
            loop = server.loop(builder -> settings(builder).errorHandler(this::onError));
            network.runFor(Duration.ofMillis(1));
            FaultPoint.resume();
            act();
            int struck = FaultPoint.thrown();
            boolean closedEarly = loop.isClosed();
            end();
            check(struck, closedEarly);
        } finally {
            FaultPoint.pause();
            network.close();
        }
    }

    private void onError(LoopError error) {
        errors.add(error);
    }

    private void end() throws Throwable {
        CompletableFuture<Boolean>[] done = newArray();
        attempt(() -> done[0] = loop.shutdown(Duration.ofSeconds(2)));
        if (done[0] == null) {
            FaultPoint.pause();
            done[0] = loop.shutdown(Duration.ofSeconds(2));
            FaultPoint.resume();
        }
        network.runFor(Duration.ofSeconds(5));
        FaultPoint.pause();
        expect(done[0].isDone(), "the future of shutdown is not completed");
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static CompletableFuture<Boolean>[] newArray() {
        return new CompletableFuture[1];
    }

    private void check(int struck, boolean closedEarly) throws Exception {
        expect(loop.isClosed(), "the loop is not closed");
        expect(loop.registrations() == 0, "registrations are left: " + loop.registrations());
        closes.forEach((handler, each) -> expect(
                each.closed == each.registered,
                handler + ": onClose was called " + each.closed + " times, for " + each.registered + " registrations"));
        checkWork(struck, closedEarly);
        futures.forEach((name, future) -> expect(future.isDone(), name + " is not completed"));
        network.assertNothingLeaked();
        checkRest();
        boolean refused = false;
        try {
            loop.execute(() -> {});
        } catch (RejectedExecutionException e) {
            refused = true;
        }
        expect(refused, "a closed loop takes tasks");
        expect(!closedEarly || errors.stream().anyMatch(each -> mayClose(each.cause())), "the loop has closed");
    }

    /**
     * What was accepted has run once; the one piece of work that the fault struck may not have run if that was
     * reported, and what a call failed to submit for want of memory or stack may have run.
     */
    private void checkWork(int struck, boolean closedEarly) {
        int lost = isReported() ? struck : 0;
        for (Accepted each : accepted) {
            if (each.runs == 0 && !each.refused && lost > 0) {
                lost--;
            } else if (each.runs > 0 || !closedEarly || !each.what.contains("timer")) { // a loop that closes cancels
                expect(
                        each.refused ? each.runs <= 1 : each.runs == 1,
                        each.what + (each.refused ? ", refused," : "") + " ran " + each.runs + " times");
            }
        }
    }

    /** Whether a loop may close for a failure: for one of its poller, without which it learns nothing any more. */
    private static boolean mayClose(Throwable cause) {
        return FaultPoint.isInjected(cause)
                && !(cause instanceof VirtualMachineError)
                && String.valueOf(cause.getMessage()).contains("transport/Poller.poll)");
    }

    void expect(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise + "; reported: " + errors + "; thrown: " + caught, cause());
        }
    }

    private @Nullable Throwable cause() {
        return errors.isEmpty()
                ? caught.isEmpty() ? null : caught.get(0)
                : errors.get(0).cause();
    }

    /** Does something that may fail because of a fault; returns whether it did not. */
    boolean attempt(Action action) throws Throwable {
        boolean included = FaultPoint.includeOwner(true);
        try {
            action.run();
            return true;
        } catch (Throwable t) {
            boolean refused = t instanceof RejectedExecutionException && calmly(loop::isClosed);
            if (!refused && !FaultPoint.isInjected(t)) {
                throw t;
            }
            caught.add(t);
            return false;
        } finally {
            FaultPoint.includeOwner(included);
        }
    }

    /** Does something of the test's own, in which no fault strikes. */
    static <T> T calmly(Callable<T> action) throws Exception {
        FaultPoint.pause();
        try {
            return action.call();
        } finally {
            FaultPoint.resume();
        }
    }

    /** Whether a failure was reported, or thrown to a caller. */
    boolean isReported() {
        return loop.stats().errors() > 0 || caught.stream().anyMatch(FaultPoint::isInjected);
    }

    /** Notes that a handler was registered. */
    void registered(EventHandler handler) {
        closes.computeIfAbsent(handler, key -> new Closes()).registered++;
    }

    /** Notes that the {@code onClose} of a handler was called. */
    void closed(EventHandler handler) {
        closes.computeIfAbsent(handler, key -> new Closes()).closed++;
    }

    boolean isClosed(EventHandler handler) {
        Closes known = closes.get(handler);
        return known != null && known.closed > 0;
    }

    /** Submits work to the loop; it must run once if this succeeds, and never if it fails. */
    void accept(String what, java.util.function.Consumer<Runnable> how) throws Throwable {
        Accepted task = new Accepted(what);
        task.refused = !attempt(() -> how.accept(task));
    }

    /** A future that must be completed at the end. */
    void completes(String name, CompletableFuture<?> future) {
        futures.put(name, future);
    }

    /** Lets the simulation go on. */
    void runFor(int millis) {
        network.runFor(Duration.ofMillis(millis));
    }
}
