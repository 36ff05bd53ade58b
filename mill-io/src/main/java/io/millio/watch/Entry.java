package io.millio.watch;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The attributes of a file as of the watcher's last scan. */
record Entry(
        boolean isDirectory,
        long size,
        FileTime modified,
        @Nullable Object fileKey) {
    /** Reads the attributes of a path, of the link itself if it is one; null if it does not exist. */
    static @Nullable Entry of(Path path) throws IOException {
        return of(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Reads the attributes of a path, of its target if it is a link; null if that does not exist. */
    static @Nullable Entry following(Path path) throws IOException {
        return of(path, new LinkOption[0]);
    }

    private static @Nullable Entry of(Path path, LinkOption... options) throws IOException {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class, options);
            return new Entry(now.isDirectory(), now.size(), now.lastModifiedTime(), now.fileKey());
        } catch (NoSuchFileException e) {
            return null;
        } catch (FileSystemException e) {
            if (isBelowFile(path)) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Returns whether a file, or a dangling link, has replaced a directory on the path: some Java versions have no
     * exception of its own for that.
     */
    private static boolean isBelowFile(Path path) {
        Path above = path.getParent();
        while (above != null && !Files.exists(above, LinkOption.NOFOLLOW_LINKS)) {
            above = above.getParent();
        }
        return above != null && !Files.isDirectory(above);
    }

    /**
     * Returns whether both are the same file or directory, whatever their content; false where the file system has no
     * file keys.
     */
    boolean isSure(Entry other) {
        return fileKey != null && fileKey.equals(other.fileKey) && isDirectory == other.isDirectory;
    }

    /** Returns whether a directory has been replaced by a file, by another directory, or the other way round. */
    boolean isReplacedBy(Entry now) {
        return isDirectory != now.isDirectory || (isDirectory && !Objects.equals(fileKey, now.fileKey));
    }
}
