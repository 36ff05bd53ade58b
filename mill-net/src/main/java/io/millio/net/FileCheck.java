package io.millio.net;

import java.io.IOException;
import java.nio.file.Path;

/** Looks once more at a file that has been opened for {@link Connection#transferFrom(Path, long, long, FileCheck)}. */
@FunctionalInterface
public interface FileCheck {
    /**
     * The file has been opened by this path. On a thread of the compute pool.
     *
     * @throws IOException if it is not the one to be written
     */
    void check(Path file) throws IOException;
}
