package io.millio.testkit;

import java.lang.reflect.Method;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.ReflectionSupport;
import org.opentest4j.TestAbortedException;

/** Runs the tests that are marked with {@link Seeds} or {@link Seed}; the two bring it along. */
public final class SeedExtension implements ParameterResolver, InvocationInterceptor {
    private static final String ONE_SEED = "millio.seed";
    private static final String SEEDS = "millio.seeds";
    private static final int TAIL_LINES = 60;

    /** For JUnit. */
    public SeedExtension() {}

    private record Range(long first, long last) {
        static Range of(Method method) {
            Long one = Long.getLong(ONE_SEED);
            Seed seed = method.getAnnotation(Seed.class);
            if (one != null && method.isAnnotationPresent(Seeds.class)) {
                return new Range(one, one);
            }
            if (seed != null) {
                return new Range(seed.value(), seed.value());
            }
            int count = Integer.getInteger(
                    SEEDS,
                    Optional.ofNullable(method.getAnnotation(Seeds.class))
                            .map(Seeds::value)
                            .orElse(1));
            if (count < 1) {
                throw new IllegalArgumentException("seeds: " + count + ", must be at least 1, of " + method);
            }
            return new Range(1, count);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == SimNetwork.class
                && parameter.getDeclaringExecutable() instanceof Method;
    }

    /** A stand-in: each seed has a network of its own. */
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return SimNetwork.seeded(0);
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext context) {
        invocation.skip();
        Method method = call.getExecutable();
        if (call.getArguments().size() != 1) {
            throw new IllegalArgumentException("a test with seeds has one parameter, a SimNetwork: " + method);
        }
        Range range = Range.of(method);
        for (long seed = range.first; seed <= range.last; seed++) {
            run(seed, method, call.getTarget().orElse(null));
        }
    }

    @SuppressWarnings("NullAway") // the target of a static method is null
    static void run(long seed, Method method, @Nullable Object target) {
        SimNetwork network = SimNetwork.seeded(seed);
        try {
            ReflectionSupport.invokeMethod(method, target, network);
        } catch (TestAbortedException e) {
            close(network, e);
            throw e;
        } catch (Throwable t) {
            AssertionError told = new AssertionError(describe(seed, method, t, network), t);
            close(network, told);
            throw told;
        }
        network.close();
    }

    private static void close(SimNetwork network, Throwable failure) {
        try {
            network.close();
        } catch (RuntimeException | Error e) {
            failure.addSuppressed(e);
        }
    }

    private static String describe(long seed, Method method, Throwable failure, SimNetwork network) {
        String message = String.valueOf(failure.getMessage());
        String trace = network.trace(TAIL_LINES);
        return "seed " + seed + " of " + method.getName() + " fails; @Seed(" + seed + ") or -D" + ONE_SEED + "=" + seed
                + " shows it again. "
                + failure.getClass().getName() + ": " + message
                + (message.contains(trace) ? "" : "\n" + trace);
    }
}
