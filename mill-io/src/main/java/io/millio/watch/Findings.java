package io.millio.watch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;

/** The results of one scan of the files, in order: {@link FileEvent}s and {@link WatchError}s. */
final class Findings {
    final Queue<Record> all = new ArrayDeque<>();

    void event(FileEvent event) {
        all.add(event);
    }

    void event(FileEvent.Kind kind, Path path, boolean isDirectory) {
        all.add(FileEvent.of(kind, path, isDirectory));
    }

    void error(Path path, IOException cause) {
        all.add(new WatchError(path, cause));
    }
}
