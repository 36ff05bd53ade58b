package io.millio.watch;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What a {@link FileWatcher} could not watch or look at; the rest goes on.
 *
 * @param path what it is about
 * @param cause why
 */
public record WatchError(Path path, IOException cause) {}
