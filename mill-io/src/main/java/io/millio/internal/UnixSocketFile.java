package io.millio.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The file that a Unix-domain listener was bound to.
 *
 * @param key tells the file from another one that replaced it, device and inode for instance; null where the file
 *     system has no such key
 */
public record UnixSocketFile(Path path, @Nullable Object key) {
    /** Returns the file that is at the path now. */
    public static UnixSocketFile at(Path path) throws IOException {
        return new UnixSocketFile(path, attributes(path).fileKey());
    }

    /** Whether there is something at the path that is neither a regular file, a directory nor a symbolic link. */
    public static boolean isSpecial(Path path) throws IOException {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) && attributes(path).isOther();
    }

    /** Deletes the file, unless it is gone or has been replaced by that of another server. */
    public void unlink() throws IOException {
        try {
            if (key == null || key.equals(attributes(path).fileKey())) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // already deleted
        }
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }
}
