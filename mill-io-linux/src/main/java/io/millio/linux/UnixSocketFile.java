package io.millio.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The file of a listener of ours.
 *
 * @param key what tells it from a file that took its place: device and inode
 */
record UnixSocketFile(Path path, Object key) {
    static UnixSocketFile at(Path path) throws IOException {
        return new UnixSocketFile(path, attributes(path).fileKey());
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether there is something at a path that is neither file, directory nor link. */
    static boolean isSpecial(Path path) throws IOException {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) && attributes(path).isOther();
    }

    /** Removes it, unless it is gone or another server has put its own in its place. */
    void unlink() throws IOException {
        try {
            if (key.equals(attributes(path).fileKey())) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // gone already: what was wanted
        }
    }
}
