package io.millio.watch;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A path that a {@link FileWatcher} could not watch or read; the watcher goes on with the others.
 *
 * @param path the path concerned
 * @param cause the failure
 */
public record WatchError(Path path, IOException cause) {}
