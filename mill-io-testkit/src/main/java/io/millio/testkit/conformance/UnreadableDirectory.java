package io.millio.testkit.conformance;

import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A directory that this process may not read, until this is closed. A test that needs one ends where it may read all.
 */
record UnreadableDirectory(Path path) implements AutoCloseable {
    static UnreadableDirectory of(Path path) throws IOException {
        assumeTrue(
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix"),
                "no permissions to take away");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
        UnreadableDirectory closed = new UnreadableDirectory(path);
        if (Files.isReadable(path)) {
            closed.close();
            assumeFalse(true, "this user may read everything");
        }
        return closed;
    }

    @Override
    public void close() throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
    }
}
