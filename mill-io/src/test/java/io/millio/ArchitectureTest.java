package io.millio;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.module.ModuleDescriptor;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The floors of the house: a package knows only packages below it. */
@Tag("once")
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.millio");

    @Test
    void noTwoPackagesKnowEachOtherBothWays() {
        slices().matching("io.millio.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void theGroundFloorHasNoDependencies() {
        String[] ground = {
            "io.millio.limit",
            "io.millio.pool",
            "io.millio.stats",
            "io.millio.task",
            "io.millio.timer",
            "io.millio.transport"
        };
        for (String room : ground) {
            noClasses()
                    .that()
                    .resideInAPackage(room + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(Stream.concat(
                                    Stream.of("io.millio"), Stream.of(ground).filter(other -> !other.equals(room)))
                            .toArray(String[]::new))
                    .check(CLASSES);
        }
    }

    @Test
    void nobodyKnowsAnImplementationOfATransport() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millio.transport.nio")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millio.transport.nio")
                .check(CLASSES);
    }

    @Test
    void implementationsOfTransportsAreNotExported() {
        ModuleDescriptor descriptor = EventLoop.class.getModule().getDescriptor();
        Set<String> exported = descriptor.exports().stream()
                .filter(export -> !export.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
        assertThat(exported)
                .containsExactlyInAnyOrder(
                        "io.millio",
                        "io.millio.limit",
                        "io.millio.pool",
                        "io.millio.stats",
                        "io.millio.task",
                        "io.millio.timer",
                        "io.millio.transport",
                        "io.millio.watch");
    }

    @Test
    void nothingUnsafeIsUsed() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage("sun..", "jdk.internal..", "com.sun..")
                        .and(not(resideInAPackage("com.sun.management")))) // which jdk.management exports
                .orShould()
                .callMethod(System.class, "loadLibrary", String.class)
                .orShould()
                .callMethod(java.lang.reflect.AccessibleObject.class, "setAccessible", boolean.class)
                .check(CLASSES);
    }
}
