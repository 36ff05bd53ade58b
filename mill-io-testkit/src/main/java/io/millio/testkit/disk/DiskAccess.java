package io.millio.testkit.disk;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/** Decides how long the operations of a {@link DiskFileSystem} take and which of them fail. */
public interface DiskAccess {
    /** An operation begins: returns once it has taken its time. Returns false if it fails then. */
    boolean perform(Path file);

    /** An operation has reached a part of the file that is broken. Returns whether it fails. */
    boolean failsAtBrokenPart(Path file);

    /** A read or write has succeeded. */
    void transferred(Path file, String event, long bytes, long position);

    /** Returns the time at which a file is changed now. */
    FileTime now();
}
