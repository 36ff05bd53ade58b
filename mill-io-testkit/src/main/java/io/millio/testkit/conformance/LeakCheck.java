package io.millio.testkit.conformance;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What of the system a process holds before a test, and that it holds no more afterwards: threads everywhere,
 * descriptors of sockets, pipes and pollers where {@code /proc} shows them.
 */
final class LeakCheck {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final List<String> KINDS =
            List.of("socket:", "pipe:", "anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:inotify");

    private final Set<Thread> threads = threads();
    private final Map<String, Integer> descriptors = descriptors();

    /** Waits until everything that has come since this was made is gone; fails if something stays. */
    void await() {
        try {
            Await.until("nothing is left", () -> leaks().isEmpty());
        } catch (AssertionError e) {
            throw new AssertionError("left behind by this test: " + leaks(), e);
        }
    }

    private List<String> leaks() {
        List<String> leaks = new ArrayList<>();
        for (Thread thread : threads()) {
            if (!threads.contains(thread)) {
                leaks.add(thread.toString());
            }
        }
        descriptors().forEach((target, count) -> {
            if (count > descriptors.getOrDefault(target, 0)) {
                leaks.add(target);
            }
        });
        return leaks;
    }

    private static Set<Thread> threads() {
        Set<Thread> found = new HashSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            // JUnit's watcher of time-outs comes and goes as it likes.
            if (thread.isAlive()
                    && thread.getThreadGroup() == Thread.currentThread().getThreadGroup()
                    && !thread.getName().startsWith("junit-")) {
                found.add(thread);
            }
        }
        return found;
    }

    private static Map<String, Integer> descriptors() {
        Map<String, Integer> found = new HashMap<>();
        if (!Files.isDirectory(DESCRIPTORS)) {
            return found;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path each : all) {
                String target = target(each);
                if (KINDS.stream().anyMatch(target::startsWith) || Files.isDirectory(Path.of(target))) {
                    found.merge(target, 1, Integer::sum);
                }
            }
        } catch (IOException e) {
            throw new AssertionError("can't look at " + DESCRIPTORS, e);
        }
        return found;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed since it was listed
        }
    }
}
