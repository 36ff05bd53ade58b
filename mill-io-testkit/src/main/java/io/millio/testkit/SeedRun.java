package io.millio.testkit;

import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestWatcher;
import org.opentest4j.TestAbortedException;

/**
 * One run of a test, with one seed: its network, its time-out, and what its failure says. For the thread of the test.
 */
final class SeedRun
        implements TestTemplateInvocationContext,
                ParameterResolver,
                InvocationInterceptor,
                AfterEachCallback,
                TestWatcher {
    private static final int TAIL_LINES = 60;

    private final SeedRuns runs;
    private final long seed;
    private final String how;
    private final int timeoutSeconds;
    private final SimNetwork network;

    /** Of the first run with this seed, where this is the second one. */
    private final @Nullable SimTrace firstTrace;

    private boolean passed;
    private boolean failed;
    private boolean ended; // but for its end, perhaps
    private @Nullable Throwable failure;

    SeedRun(
            SeedRuns runs,
            long seed,
            String how,
            int timeoutSeconds,
            SimFaults.LeftOut leftOut,
            @Nullable SimTrace firstTrace) {
        this.runs = runs;
        this.seed = seed;
        this.how = how;
        this.timeoutSeconds = timeoutSeconds;
        this.firstTrace = firstTrace;
        this.network = SimNetwork.seeded(seed);
        network.world().faults.leaveOut(leftOut);
    }

    @Override
    public String getDisplayName(int invocationIndex) {
        return ("seed " + seed + " " + how).trim();
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
        return List.of(this);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == SimNetwork.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return network;
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext context)
            throws Throwable {
        proceed(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext context)
            throws Throwable {
        proceed(invocation, context);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext context)
            throws Throwable {
        proceed(invocation, context);
    }

    private void proceed(Invocation<@Nullable Void> invocation, ExtensionContext context) throws Throwable {
        SeedTimeout timeout = SeedTimeout.begin(network, timeoutSeconds);
        Throwable thrown = null;
        try {
            invocation.proceed();
        } catch (Throwable t) {
            thrown = t;
        }
        if (timeout.end() && thrown == null) {
            thrown = new AssertionError(timeout);
        }
        if (thrown instanceof TestAbortedException) {
            throw thrown;
        } else if (thrown != null) {
            fail(thrown, timeout, context);
        }
    }

    private void fail(Throwable thrown, SeedTimeout timeout, ExtensionContext context) {
        boolean isFirst = failure == null;
        failure = isFirst ? thrown : failure;
        ended = true;
        String faults = isFirst
                ? runs.ended(
                        this, thrown, !timeout.hasStruck() && !network.world().isStuck())
                : "";
        if (faults == null) {
            throw new TestAbortedException("fails; the faults that it needs are looked for");
        }
        throw new AssertionError(describe(thrown, faults, timeout, context), thrown);
    }

    private String describe(Throwable thrown, String faults, SeedTimeout timeout, ExtensionContext context) {
        String message = String.valueOf(thrown.getMessage());
        String trace = network.trace(TAIL_LINES);
        return "seed " + seed + " of " + context.getRequiredTestMethod().getName() + " fails; @Seed(" + seed + ") or -D"
                + SeedPlan.ONE_SEED + "=" + seed + " shows it again. "
                + (timeout.hasStruck() && !message.contains(timeout.toString()) ? timeout + ". " : "")
                + (faults.isEmpty() ? "" : faults + "\n")
                + thrown.getClass().getName() + ": " + message
                + (message.contains(trace) ? "" : "\n" + trace);
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        passed = true;
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        failed = true;
    }

    /** After {@code @AfterEach}. */
    @Override
    public void afterEach(ExtensionContext context) {
        network.close();
        if (!ended) {
            ended = true;
            String earlier = runs.ended(this, null, false);
            if (earlier != null && !earlier.isEmpty()) {
                throw new AssertionError(earlier);
            }
        }
        if (firstTrace != null && context.getExecutionException().isEmpty()) {
            String difference = firstTrace.difference(network.world().trace);
            if (difference != null) {
                throw new AssertionError("seed " + seed + " of "
                        + context.getRequiredTestMethod().getName() + " gave two different runs" + difference);
            }
        }
    }

    // ---- how it ended

    long seed() {
        return seed;
    }

    SimTrace trace() {
        return network.world().trace;
    }

    List<SimFaults.Fault> faults() {
        return network.world().faults.happened();
    }

    /** Returns what to say where a failure did not come again. */
    String describeUnrepeated() {
        return "seed " + seed + " failed, but not again in the same way, so that something is not decided by it: "
                + failure;
    }

    /** Whether a failure is of the same kind as this run's: numbers may differ. */
    boolean failedLike(Throwable other) {
        return failure != null && kindOf(failure).equals(kindOf(other));
    }

    private static String kindOf(Throwable thrown) {
        String message = String.valueOf(thrown.getMessage());
        return thrown.getClass().getName()
                + message.lines().findFirst().orElse("").replaceAll("[0-9]+", "#");
    }

    boolean isSecond() {
        return firstTrace != null;
    }

    boolean hasPassed() {
        return passed;
    }

    boolean hasFailed() {
        return failed;
    }
}
