package io.millio.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file as it was found.
 *
 * @param path its real path: no link is in it
 * @param key identifies the file among all that exist at the same time; null where the system has no such key
 */
record FileState(
        Path path, long size, FileTime modified, @Nullable Object key) {
    /** In the place of a directory that has an index. */
    static final FileState DIRECTORY = new FileState(Path.of(""), 0, FileTime.fromMillis(0), null);

    static FileState of(Path path, BasicFileAttributes attributes) {
        return new FileState(path, attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }

    long modifiedSecond() {
        return Math.floorDiv(modified.toMillis(), 1000L);
    }

    /** Changes when the size, the time of the last change, in nanoseconds, or the file itself does. */
    String etag() {
        return '"'
                + Long.toHexString(modified.to(TimeUnit.NANOSECONDS))
                + '-'
                + Long.toHexString(size)
                + '-'
                + Integer.toHexString(Objects.hashCode(key))
                + '"';
    }

    /**
     * Looks once more, as soon as the file is open. One that has grown is taken for a log, of which the part that was
     * there is sent. May block.
     *
     * @throws IOException if it is another one by now, or has changed
     */
    void check() throws IOException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        boolean unchanged = now.size() == size && now.lastModifiedTime().equals(modified);
        boolean same = now.isRegularFile() && (unchanged || now.size() > size) && Objects.equals(now.fileKey(), key);
        if (!same) {
            throw new IOException("the file has changed since the head of the answer: " + path);
        }
    }
}
