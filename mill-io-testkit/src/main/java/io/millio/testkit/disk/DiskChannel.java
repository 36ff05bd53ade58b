package io.millio.testkit.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * An open file. Its messages are those of the platform's channels, which do not name the file. Closing takes no time:
 * the platform's class holds a lock meanwhile, for which a second thread of a simulation would wait for ever.
 */
final class DiskChannel extends FileChannel {
    private final DiskFileSystem disk;
    private final Path path;
    private final DiskFile file;
    private final boolean reads;
    private final boolean writes;
    private final boolean appends;
    private long position;

    DiskChannel(DiskFileSystem disk, Path path, DiskFile file, boolean reads, boolean writes, boolean appends) {
        this.disk = disk;
        this.path = path;
        this.file = file;
        this.reads = reads;
        this.writes = writes;
        this.appends = appends;
        disk.channels.add(this);
    }

    Path file() {
        return path;
    }

    // ---- one operation

    private void perform() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        boolean done = disk.access.perform(path);
        if (!isOpen()) {
            throw new AsynchronousCloseException();
        }
        if (!done) {
            throw new IOException("Input/output error");
        }
    }

    /** Returns how many bytes there are before a broken one. */
    private int unbroken(long from, int count) throws IOException {
        long broken = disk.brokenAt(path);
        if (broken == from && count > 0 && disk.access.failsAtBrokenPart(path)) {
            throw new IOException("Input/output error");
        }
        return broken > from ? (int) Math.min(count, broken - from) : count;
    }

    @Override
    public int read(ByteBuffer to, long from) throws IOException {
        checkReads();
        checkPosition(from);
        perform();
        if (from >= file.size()) {
            return to.hasRemaining() ? -1 : 0;
        }
        int count = unbroken(from, (int) Math.min(to.remaining(), file.size() - from));
        file.read(to, (int) from, count);
        disk.access.transferred(path, "reads %d bytes from %d on", count, from);
        return count;
    }

    @Override
    public int write(ByteBuffer from, long to) throws IOException {
        checkWrites();
        checkPosition(to);
        perform();
        if (!from.hasRemaining()) {
            return 0;
        }
        int count = unbroken(to, from.remaining());
        long more = to + count - file.size();
        long room = more <= 0 ? 0 : Math.min(disk.room(), Integer.MAX_VALUE - 8 - (long) file.size());
        if (more > room) {
            count = (int) Math.max(0, count - (more - room)); // the rest fails the next time, as it does elsewhere
            if (count == 0) {
                throw new IOException("No space left on device");
            }
        }
        file.write(from, (int) to, count, disk.access.now());
        disk.access.transferred(path, "writes %d bytes from %d on", count, to);
        return count;
    }

    private void checkReads() {
        if (!reads) {
            throw new NonReadableChannelException();
        }
    }

    private void checkWrites() {
        if (!writes) {
            throw new NonWritableChannelException();
        }
    }

    private static void checkPosition(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("position: " + position + ", must not be negative");
        }
    }

    // ---- made of those

    @Override
    public int read(ByteBuffer to) throws IOException {
        int count = read(to, position);
        position += Math.max(0, count);
        return count;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        position = appends ? file.size() : position;
        int count = write(from, position);
        position += count;
        return count;
    }

    @Override
    public long read(ByteBuffer[] to, int offset, int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            while (to[i].hasRemaining()) {
                int count = read(to[i]);
                if (count < 0) {
                    return total == 0 ? -1 : total;
                }
                total += count;
            }
        }
        return total;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            while (from[i].hasRemaining()) {
                total += write(from[i]);
            }
        }
        return total;
    }

    @Override
    public long transferTo(long from, long count, WritableByteChannel target) {
        throw new UnsupportedOperationException("a simulated disk transfers nothing by itself");
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long to, long count) {
        throw new UnsupportedOperationException("a simulated disk transfers nothing by itself");
    }

    // ---- the rest

    @Override
    public long position() throws IOException {
        checkOpen();
        return position;
    }

    @Override
    public FileChannel position(long next) throws IOException {
        checkOpen();
        checkPosition(next);
        position = next;
        return this;
    }

    private void checkOpen() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public long size() throws IOException {
        perform();
        return file.size();
    }

    @Override
    public FileChannel truncate(long length) throws IOException {
        checkWrites();
        checkPosition(length);
        perform();
        file.truncate((int) Math.min(length, file.size()), disk.access.now());
        position = Math.min(position, length);
        return this;
    }

    @Override
    public void force(boolean metadata) throws IOException {
        perform();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long from, long length) {
        throw new UnsupportedOperationException("a simulated disk maps no files");
    }

    @Override
    public FileLock lock(long from, long length, boolean shared) {
        throw new UnsupportedOperationException("a simulated disk locks no files");
    }

    @Override
    public FileLock tryLock(long from, long length, boolean shared) {
        return lock(from, length, shared);
    }

    @Override
    protected void implCloseChannel() {
        disk.channels.remove(this);
    }
}
