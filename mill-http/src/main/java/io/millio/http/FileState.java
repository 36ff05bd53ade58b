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
 * @param original the file that was asked for: this one, or the one that this is the compressed form of
 * @param coding the content coding of this file; null if it is the original
 */
record FileState(
        Path path,
        long size,
        FileTime modified,
        @Nullable Object key,
        Path original,
        @Nullable String coding) {
    /** In the place of a directory that has an index. */
    static final FileState DIRECTORY = new FileState(Path.of(""), 0, FileTime.fromMillis(0), null, Path.of(""), null);

    static FileState of(Path path, BasicFileAttributes attributes) {
        return new FileState(path, attributes.size(), attributes.lastModifiedTime(), attributes.fileKey(), path, null);
    }

    /** Returns this file as the compressed form of another. */
    FileState of(FileState other, String contentCoding) {
        return new FileState(path, size, modified, key, other.path, contentCoding);
    }

    long modifiedSecond() {
        return Math.floorDiv(modified.toMillis(), 1000L);
    }

    /** Changes when the size, the time of the last change, in nanoseconds, the file itself or its coding does. */
    String etag() {
        return '"'
                + Long.toHexString(modified.to(TimeUnit.NANOSECONDS))
                + '-'
                + Long.toHexString(size)
                + '-'
                + Integer.toHexString(Objects.hashCode(key))
                + (coding == null ? "" : "-" + coding)
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
