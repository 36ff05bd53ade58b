package io.millio.net;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * This module is above the loop and knows no transport; what its packages know of each other, the test of all modules
 * checks.
 */
@Tag("once")
class ArchitectureTest {
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
