package io.millio.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.task.ComputePool;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatcherTest {
    @Test
    void theServiceOfThePlatformForgetsADirectoryThatIsNotWatchedAnyMore(@TempDir Path directory) throws Exception {
        try (EventLoop loop = EventLoop.lowLatency();
                WatchService service = FileSystems.getDefault().newWatchService()) {
            WatchServiceBackend backend = WatchServiceBackend.open(service, loop, hints -> {});
            backend.watch(directory);
            WatchKey key = directory.register(service, StandardWatchEventKinds.ENTRY_CREATE); // the backend's, then
            backend.unwatch(directory);
            assertThat(key.isValid()).isFalse();
            backend.close();
        }
    }

    @Test
    void listenersAreCalledInTheLoopThoughTheFirstScanIsOverAtOnce(@TempDir Path directory) throws Exception {
        AtomicReference<@Nullable EventLoop> made = new AtomicReference<>();
        ComputePool pool = ComputePool.builder()
                .executor(task -> {
                    EventLoop loop = Objects.requireNonNull(made.get());
                    if (loop.inLoop()) {
                        new Thread(task).start();
                        return;
                    }
                    task.run();
                    CompletableFuture.runAsync(() -> {}, loop).join(); // the loop has completed the result
                })
                .build();
        try (pool;
                EventLoop loop = EventLoop.builder()
                        .direct()
                        .noPollTimeout()
                        .computePool(pool)
                        .build()) {
            made.set(loop);
            loop.start();
            CompletableFuture<Boolean> inLoop = new CompletableFuture<>();
            try (FileWatcher watcher = FileWatcher.builder(loop)
                    .add(directory.resolve("missing"), true)
                    .listener(event -> {})
                    .errorListener(error -> inLoop.complete(loop.inLoop()))
                    .start()) {
                assertThat(inLoop.get(40, TimeUnit.SECONDS)).isTrue();
                assertThat(watcher.passedOver()).isNotNull();
            }
        }
    }
}
