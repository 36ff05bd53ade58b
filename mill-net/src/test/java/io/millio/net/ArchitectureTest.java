package io.millio.net;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** This module is above the loop and knows no transport; each of its packages knows only those below it. */
class ArchitectureTest {
    private static final long MAX_FILES = 45;
    private static final String POOL = ".*(Pool|Lease|Eviction|ConnectionCheck).*";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.millio");

    @Test
    void nothingBelowKnowsThisModule() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millio.net..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millio.net..")
                .check(CLASSES);
    }

    @Test
    void packagesDependOnThoseBelowThemOnly() {
        assertKnowsOnly("io.millio.net.tls");
        assertKnowsOnly("io.millio.net.wire", "io.millio.net.tls");
        assertKnowsOnly("io.millio.net", "io.millio.net.wire", "io.millio.net.tls");
        assertKnowsOnly("io.millio.net.frame", "io.millio.net", "io.millio.net.wire");
    }

    private static void assertKnowsOnly(String from, String... below) {
        noClasses()
                .that()
                .resideInAPackage(from)
                .should()
                .dependOnClassesThat(resideInAPackage("io.millio.net..")
                        .and(not(resideInAPackage(from)))
                        .and(not(resideInAnyPackage(below))))
                .check(CLASSES);
    }

    @Test
    void noPackageHasMoreThan45Files() {
        CLASSES.stream()
                .filter(each -> each.getPackageName().startsWith("io.millio.net"))
                .filter(each -> each.getEnclosingClass().isEmpty())
                .filter(each -> !each.getName().matches(POOL)) // which is to have a package of its own
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()))
                .forEach((name, files) -> assertThat(files).as(name).isLessThanOrEqualTo(MAX_FILES));
    }

    @Test
    void channelsOfThePlatformAreTheTransportsBusiness() {
        noClasses()
                .that()
                .resideInAPackage("io.millio.net..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.channels.SocketChannel")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("io.millio.transport.nio", "sun..", "jdk.internal..", "com.sun..")
                .check(CLASSES);
    }
}
