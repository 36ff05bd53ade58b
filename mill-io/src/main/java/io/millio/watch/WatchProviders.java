package io.millio.watch;

import io.millio.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds the backend for a watcher among those of this package and those found by {@link ServiceLoader}. */
final class WatchProviders {
    private static final int FAILURES = 100; // bounds an iterator that always fails

    private WatchProviders() {}

    /** Returns the usable providers, by descending priority; only the one with the given name unless it is null. */
    static List<WatchProvider> candidates(EventLoop loop, @Nullable String name, Duration pollInterval) {
        List<WatchProvider> candidates = new ArrayList<>();
        StringBuilder found = new StringBuilder();
        for (WatchProvider each : find(pollInterval)) {
            String reason = each.unusableReason(loop);
            if (reason == null && (name == null || name.equals(each.name()))) {
                candidates.add(each);
            }
            found.append(found.isEmpty() ? "" : ", ").append(each.name());
            if (reason != null) {
                found.append(" (").append(reason).append(')');
            }
        }
        if (candidates.isEmpty()) {
            throw new IllegalStateException("watch backend " + name + " can't be used; found: " + found);
        }
        return candidates;
    }

    /**
     * A backend that was opened.
     *
     * @param name its name
     * @param backend the backend
     * @param passedOver why each of higher priority was not opened
     */
    record Opened(String name, WatchBackend backend, List<String> passedOver) {}

    /** Opens the first backend that can be opened. */
    static Opened open(List<WatchProvider> candidates, EventLoop loop, WatchSink sink) throws IOException {
        List<String> passedOver = new ArrayList<>();
        IOException refusal = new IOException("no watch backend is given");
        for (WatchProvider each : candidates) {
            try {
                return new Opened(each.name(), each.open(loop, sink), List.copyOf(passedOver));
            } catch (IOException e) {
                passedOver.add(each.name() + ": " + e.getMessage());
                refusal = e;
            }
        }
        throw candidates.size() == 1
                ? refusal
                : new IOException("no watch backend can be opened: " + String.join("; ", passedOver), refusal);
    }

    private static List<WatchProvider> find(Duration pollInterval) {
        List<WatchProvider> found = new ArrayList<>();
        found.add(new BuiltIn("watch-service", 0) {
            @Override
            public WatchBackend open(EventLoop loop, WatchSink sink) throws IOException {
                return WatchServiceBackend.open(loop, sink);
            }
        });
        found.add(new BuiltIn("polling", -100) {
            @Override
            public WatchBackend open(EventLoop loop, WatchSink sink) {
                return new PollingBackend(loop, sink, pollInterval);
            }
        });
        Iterator<WatchProvider> offered = ServiceLoader.load(WatchProvider.class, WatchProvider.class.getClassLoader())
                .iterator();
        int failures = 0;
        while (failures < FAILURES) {
            try {
                if (!offered.hasNext()) {
                    break;
                }
                found.add(offered.next());
            } catch (LinkageError | ServiceConfigurationError e) {
                failures++; // this virtual machine can't load it; it must not hide the others
            }
        }
        found.sort(Comparator.comparingInt(WatchProvider::priority).reversed());
        return found;
    }

    private abstract static class BuiltIn implements WatchProvider {
        private final String name;
        private final int priority;

        BuiltIn(String name, int priority) {
            this.name = name;
            this.priority = priority;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int priority() {
            return priority;
        }

        @Override
        public @Nullable String unusableReason(EventLoop loop) {
            return null;
        }
    }
}
