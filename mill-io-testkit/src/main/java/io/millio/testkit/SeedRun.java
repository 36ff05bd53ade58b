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

    private final long seed;
    private final int timeoutSeconds;
    private final SimNetwork network;

    /** Of the first run with this seed, where this is the second one. */
    private final @Nullable SimTrace firstTrace;

    private boolean passed;
    private boolean failed;

    SeedRun(long seed, int timeoutSeconds, @Nullable SimTrace firstTrace) {
        this.seed = seed;
        this.timeoutSeconds = timeoutSeconds;
        this.firstTrace = firstTrace;
        this.network = SimNetwork.seeded(seed);
    }

    @Override
    public String getDisplayName(int invocationIndex) {
        return "seed " + seed + (isSecond() ? " again" : "");
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
        Throwable failure = null;
        try {
            invocation.proceed();
        } catch (Throwable t) {
            failure = t;
        }
        if (timeout.end() && failure == null) {
            failure = new AssertionError(timeout);
        }
        if (failure instanceof TestAbortedException) {
            throw failure;
        } else if (failure != null) {
            throw new AssertionError(describe(failure, timeout, context), failure);
        }
    }

    private String describe(Throwable failure, SeedTimeout timeout, ExtensionContext context) {
        String message = String.valueOf(failure.getMessage());
        String trace = network.trace(TAIL_LINES);
        return "seed " + seed + " of " + context.getRequiredTestMethod().getName() + " fails; @Seed(" + seed + ") or -D"
                + SeedPlan.ONE_SEED + "=" + seed + " shows it again. "
                + (timeout.hasStruck() && !message.contains(timeout.toString()) ? timeout + ". " : "")
                + failure.getClass().getName() + ": " + message
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
        if (firstTrace != null && context.getExecutionException().isEmpty()) {
            String difference = firstTrace.difference(network.traceOfAll());
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
        return network.traceOfAll();
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
