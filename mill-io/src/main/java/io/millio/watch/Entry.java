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

/** How a file looked when the watcher looked last. */
record Entry(
        boolean isDirectory,
        long size,
        FileTime modified,
        @Nullable Object fileKey) {
    /** How it looks now, itself if it is a link; null if it is not there. */
    static @Nullable Entry of(Path path) throws IOException {
        return of(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** How it looks now, or what it leads to if it is a link; null if that is not there. */
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
     * Whether a file, or a link that leads nowhere, has taken the place of a directory on the way: some Java versions
     * have no exception of its own for that.
     */
    private static boolean isBelowFile(Path path) {
        Path above = path.getParent();
        while (above != null && !Files.exists(above, LinkOption.NOFOLLOW_LINKS)) {
            above = above.getParent();
        }
        return above != null && !Files.isDirectory(above);
    }

    /** Whether both are the same file or directory, of whatever content; false where the file system can't tell. */
    boolean isSure(Entry other) {
        return fileKey != null && fileKey.equals(other.fileKey) && isDirectory == other.isDirectory;
    }

    /** Whether a directory has been replaced by a file, by another directory, or the other way round. */
    boolean isReplacedBy(Entry now) {
        return isDirectory != now.isDirectory || (isDirectory && !Objects.equals(fileKey, now.fileKey));
    }
}
