package io.millio.net;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The floors of the house: this package is above the loop and knows no transport. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.millio");

    @Test
    void nobodyBelowKnowsThisPackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millio.net")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millio.net")
                .check(CLASSES);
    }

    @Test
    void channelsOfThePlatformAreTheTransportsBusiness() {
        noClasses()
                .that()
                .resideInAPackage("io.millio.net")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.channels.SocketChannel")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("io.millio.transport.nio", "sun..", "jdk.internal..", "com.sun..")
                .check(CLASSES);
    }
}
