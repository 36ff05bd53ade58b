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
    private final int timeoutSeconds;
    private final SimNetwork network;

    SeedRun(SeedRuns runs, long seed, int timeoutSeconds) {
        this.runs = runs;
        this.seed = seed;
        this.timeoutSeconds = timeoutSeconds;
        this.network = SimNetwork.seeded(seed);
    }

    @Override
    public String getDisplayName(int invocationIndex) {
        return "seed " + seed;
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
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        runs.failed();
    }

    /** After {@code @AfterEach}. */
    @Override
    public void afterEach(ExtensionContext context) {
        network.close();
    }
}
