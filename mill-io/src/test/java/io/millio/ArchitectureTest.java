package io.millio;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.millio");

    @Test
    void timersDoNotKnowTransports() {
        noClasses()
                .that()
                .resideInAPackage("io.millio.timer..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millio.transport..")
                .check(classes);
    }
}
