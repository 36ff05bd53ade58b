package io.millio.jcstress;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;

/**
 * Runs jcstress and judges its result file itself, because jcstress ends normally when it ran no test, and leaves out
 * tests that have more actors than the machine has CPUs.
 */
final class StressRunner {
    private StressRunner() {}

    public static void main(String[] args) throws Exception {
        Options options = new Options(args);
        if (!options.parse()) {
            System.exit(2);
        }
        JCStress jcstress = new JCStress(options);
        SortedSet<String> missing = jcstress.getTests();
        if (missing.isEmpty()) {
            System.err.println("jcstress: found no test");
            System.exit(1);
        }
        Files.createDirectories(Path.of(options.getResultDest()));
        int planned = missing.size();
        jcstress.run();

        int failures = 0;
        for (TestResult result : readResults(options)) {
            missing.remove(result.getName());
            if (result.status() != Status.NORMAL || !result.grading().isPassed) {
                failures++;
                System.err.println("jcstress: failed: " + result.getName() + ", " + result.status() + ", "
                        + result.grading().failureMessages);
            }
        }
        if (!missing.isEmpty()) {
            System.err.println("jcstress: did not run: " + missing);
        }
        System.out.println("jcstress: " + (planned - missing.size()) + " of " + planned + " tests ran, " + failures
                + " results failed");
        System.exit(failures == 0 && missing.isEmpty() ? 0 : 1);
    }

    private static Iterable<TestResult> readResults(Options options) throws Exception {
        Path file = Path.of(options.getResultFile());
        InProcessCollector results = new InProcessCollector();
        if (Files.exists(file)) {
            DiskReadCollector reader = new DiskReadCollector(file.toString(), results);
            reader.dump();
            reader.close();
        }
        return results.getTestResults();
    }
}
