package io.millio.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

class MainTest {
    @Test
    void runs() {
        assertThat(Main.run("--name", "x")).isZero();
    }

    @Test
    void usesOnlyTheApi() {
        noClasses()
                .that()
                .resideInAPackage("io.millio.examples..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millio.transport.nio..")
                .check(new ClassFileImporter().importPackages("io.millio.examples"));
    }
}
