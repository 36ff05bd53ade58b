package io.millio.examples;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The packages of all modules: each depends only on packages of lower floors, and stays small enough to be read. */
@Tag("once")
class ArchitectureTest {
    private static final int MAX_FILES = 45;

    /** From the ground up. A package knows packages of lower floors, never one of its own. */
    private static final List<Set<String>> FLOORS = List.of(
            Set.of("io.millio.internal"),
            Set.of(
                    "io.millio.limit",
                    "io.millio.pool",
                    "io.millio.task",
                    "io.millio.timer",
                    "io.millio.stats",
                    "io.millio.jfr",
                    "io.millio.net.account",
                    "io.millio.net.jfr",
                    "io.millio.net.report",
                    "io.millio.transport",
                    "io.millio.linux.sys"),
            Set.of("io.millio", "io.millio.transport.nio"),
            Set.of("io.millio.watch", "io.millio.net.memory", "io.millio.net.proxy", "io.millio.net.tls"),
            Set.of("io.millio.linux", "io.millio.net.wire"),
            Set.of("io.millio.net"),
            Set.of("io.millio.net.frame", "io.millio.net.pool", "io.millio.http.wire"),
            Set.of("io.millio.http"),
            Set.of("io.millio.metrics"));

    /** Packages that are not exported, or may be missing at run time, and the only ones that know them. */
    private static final Map<String, Set<String>> KNOWN_ONLY_BY = Map.of(
            "io.millio.transport.nio", Set.of(),
            "io.millio.jfr", Set.of("io.millio"),
            "io.millio.linux", Set.of(),
            "io.millio.linux.sys", Set.of("io.millio.linux"),
            "io.millio.net.account", Set.of("io.millio.net", "io.millio.net.memory", "io.millio.net.wire"),
            "io.millio.net.jfr", Set.of("io.millio.net", "io.millio.net.pool"),
            "io.millio.net.report", Set.of("io.millio.net"),
            "io.millio.net.wire", Set.of("io.millio.net", "io.millio.net.frame"),
            "io.millio.http.wire", Set.of("io.millio.http"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/testkit/")) // of the tests only
            .importPackages("io.millio");

    @Test
    void aPackageKnowsOnlyPackagesOfLowerFloors() {
        Map<String, Integer> floorOf = new HashMap<>();
        for (int floor = 0; floor < FLOORS.size(); floor++) {
            for (String name : FLOORS.get(floor)) {
                floorOf.put(name, floor);
            }
        }
        Set<String> broken = new TreeSet<>();
        for (JavaClass from : CLASSES) {
            String source = from.getPackageName();
            if (isExample(source)) {
                continue;
            }
            Integer floor = floorOf.get(source);
            if (floor == null) {
                broken.add(from.getName() + " is on no floor");
                continue;
            }
            from.getDirectDependenciesFromSelf().forEach(dependency -> {
                JavaClass to = dependency.getTargetClass().getBaseComponentType();
                String target = to.getPackageName();
                if (target.startsWith("io.millio")
                        && !target.equals(source)
                        && floorOf.getOrDefault(target, floor) >= floor) {
                    broken.add(from.getName() + " knows " + to.getName());
                }
            });
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void whatIsNotExportedIsKnownToItsOwnersOnly() {
        Set<String> broken = new TreeSet<>();
        for (JavaClass from : CLASSES) {
            String source = from.getPackageName();
            from.getDirectDependenciesFromSelf().forEach(dependency -> {
                JavaClass to = dependency.getTargetClass().getBaseComponentType();
                String target = to.getPackageName();
                Set<String> allowed = KNOWN_ONLY_BY.get(target);
                if (allowed != null && !target.equals(source) && !allowed.contains(source)) {
                    broken.add(from.getName() + " knows " + to.getName());
                }
            });
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void thereAreNoCycles() {
        slices().matching("io.millio.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void noPackageHasTooManyFiles() {
        Map<String, Long> files = CLASSES.stream()
                .filter(each -> !isExample(each.getPackageName()))
                .filter(each -> each.getEnclosingClass().isEmpty())
                .map(each -> each.getPackageName() + "/"
                        + each.getSource().orElseThrow().getFileName().orElseThrow())
                .distinct()
                .collect(groupingBy(file -> file.substring(0, file.indexOf('/')), counting()));
        assertThat(files)
                .isNotEmpty()
                .allSatisfy((name, count) ->
                        assertThat(count).as("files of " + name).isLessThanOrEqualTo(MAX_FILES));
    }

    private static boolean isExample(String name) {
        return name.startsWith("io.millio.examples");
    }
}
