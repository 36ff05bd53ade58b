package io.millio.testkit;

import java.lang.reflect.Method;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Runs the tests that are marked with {@link Seeds} or {@link Seed}; the two bring it along. */
public final class SeedExtension implements TestTemplateInvocationContextProvider {
    /** For JUnit. */
    public SeedExtension() {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        Method method = context.getRequiredTestMethod();
        return method.isAnnotationPresent(Seeds.class) || method.isAnnotationPresent(Seed.class);
    }

    /** The stream is lazy: what comes next depends on how the last one has ended. */
    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        SeedPlan plan = SeedPlan.of(context.getRequiredTestMethod());
        if (plan.fresh() > 0) {
            System.out.println(context.getRequiredTestClass().getSimpleName() + "."
                    + context.getRequiredTestMethod().getName() + ": " + plan.fresh() + " fresh seeds from "
                    + plan.firstFresh());
        }
        SeedRuns runs = new SeedRuns(plan);
        return Stream.<TestTemplateInvocationContext>generate(runs::next).takeWhile(Objects::nonNull);
    }
}
