package io.millio.transport.nio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The file of a listener of ours.
 *
 * @param key what tells it from a file that took its place; null where the file system has no such thing
 */
record UnixSocketFile(Path path, @Nullable Object key) {
    static UnixSocketFile at(Path path) throws IOException {
        return new UnixSocketFile(path, keyOf(path));
    }

    private static @Nullable Object keyOf(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Removes it, unless it is gone or another server has put its own in its place. */
    void unlink() throws IOException {
        try {
            if (key == null || key.equals(keyOf(path))) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // gone already: what was wanted
        }
    }
}
