package io.millio.testkit.disk;

import java.nio.ByteBuffer;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;

/** A file or directory: it stays as long as a channel is open, whatever becomes of its name. */
final class DiskFile {
    /** As they were at one time. */
    record Attributes(FileTime lastModifiedTime, FileTime creationTime, boolean isDirectory, long size, Object fileKey)
            implements BasicFileAttributes {
        @Override
        public FileTime lastAccessTime() {
            return lastModifiedTime;
        }

        @Override
        public boolean isRegularFile() {
            return !isDirectory;
        }

        @Override
        public boolean isSymbolicLink() {
            return false;
        }

        @Override
        public boolean isOther() {
            return false;
        }
    }

    final boolean isDirectory;
    private final long key;
    private final FileTime created;
    FileTime modified;
    private byte[] bytes = {};
    private int size;

    DiskFile(boolean isDirectory, long key, FileTime created) {
        this.isDirectory = isDirectory;
        this.key = key;
        this.created = created;
        this.modified = created;
    }

    Attributes attributes() {
        return new Attributes(modified, created, isDirectory, size, key);
    }

    int size() {
        return size;
    }

    void read(ByteBuffer to, int position, int count) {
        to.put(bytes, position, count);
    }

    /** Writes behind the end as well: there are zeros in between. */
    void write(ByteBuffer from, int position, int count, FileTime now) {
        if (position + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(position + count, (int)
                    Math.min(Integer.MAX_VALUE - 8, bytes.length * 2L)));
        }
        from.get(bytes, position, count);
        size = Math.max(size, position + count);
        modified = now;
    }

    void truncate(int length, FileTime now) {
        if (length < size) {
            Arrays.fill(bytes, length, size, (byte) 0);
            size = length;
        }
        modified = now;
    }
}
