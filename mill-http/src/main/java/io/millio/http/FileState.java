package io.millio.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file as it was found.
 *
 * @param path its real path: no link is in it
 * @param key tells it from all others that there are at the same time; null where the system has no such thing
 */
record FileState(
        Path path, long size, FileTime modified, @Nullable Object key) {
    static FileState of(Path path, BasicFileAttributes attributes) {
        return new FileState(path, attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }

    long modifiedSecond() {
        return Math.floorDiv(modified.toMillis(), 1000L);
    }

    /** Changes when the size or the time of the last change does. */
    String etag() {
        return '"' + Long.toHexString(modified.toMillis()) + '-' + Long.toHexString(size) + '"';
    }

    /**
     * Looks once more, as soon as the file is open. May block.
     *
     * @throws IOException if it is another one by now, or has changed
     */
    void check() throws IOException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        boolean same = now.isRegularFile()
                && now.size() == size
                && now.lastModifiedTime().equals(modified)
                && Objects.equals(now.fileKey(), key);
        if (!same) {
            throw new IOException("the file has changed since the head of the answer: " + path);
        }
    }
}
