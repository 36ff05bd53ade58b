package io.millio.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Moves bytes between buffers and descriptors. A read is one system call: the error of a second one could not be
 * reported with the bytes of the first, and the kernel reports most errors once. Stateless; any thread.
 *
 * <p>The memory of a direct buffer is passed to the system as it is. A buffer on the heap, which the garbage collector
 * may move, and one whose arena can be closed during the call are copied, up to {@link Scratch#BYTES} a call.
 */
public final class Buffers {
    /** How a descriptor is read and written. */
    public enum Kind {
        SOCKET,
        FILE;

        private long move(boolean writes, int fd, long address, int size) {
            if (!Thread.currentThread().isVirtual()) {
                return move(writes, ERRNO.get(), fd, address, size);
            }
            try (Scratch scratch = Scratch.take()) {
                return move(writes, scratch.errno, fd, address, size);
            }
        }

        private long move(boolean writes, MemorySegment errno, int fd, long address, int size) {
            if (this == SOCKET) {
                return writes ? Libc.send(errno, fd, address, size) : Libc.recv(errno, fd, address, size);
            }
            return (writes ? Libc.Files.WRITE : Libc.Files.READ).transfer(errno, fd, address, size, 0, 0, 0);
        }
    }

    /**
     * Where a platform thread's calls leave errno: memory of its own, made at its first call and freed some time after
     * its end. Always in the cache of the processor that the thread is on, which a slot for each descriptor is not
     * where there are thousands. A virtual thread, of which there may be one for each run of a handler, takes a
     * {@link Scratch} for the time of the call.
     */
    private static final class ThreadErrno extends ThreadLocal<MemorySegment> {
        @Override
        protected MemorySegment initialValue() {
            return Arena.ofAuto().allocate(CACHE_LINE_BYTES, CACHE_LINE_BYTES).asSlice(0, Function.ERRNO_BYTES);
        }
    }

    /** No other thread writes there. */
    private static final int CACHE_LINE_BYTES = 64;

    private static final ThreadErrno ERRNO = new ThreadErrno();

    private Buffers() {}

    /**
     * Returns where a buffer's index 0 is, or {@link BufferAddresses#NONE} where it must be copied. The caller reads
     * position and limit once, and keeps the buffer reachable: neither can be past the capacity, so that the memory is
     * the buffer's whatever another thread does to them meanwhile.
     */
    public static long address(ByteBuffer buffer) {
        return buffer.isDirect() ? BufferAddresses.of(buffer) : BufferAddresses.NONE;
    }

    /** Returns the buffer, or throws if it is read-only. */
    public static ByteBuffer writable(ByteBuffer to) {
        if (to.isReadOnly()) {
            throw new IllegalArgumentException("to: a read-only buffer: " + to);
        }
        return to;
    }

    /** Reads up to so many bytes; returns how many, 0 at the end of input, or errno negated. */
    public static int read(Kind kind, int fd, ByteBuffer to, int atMost) {
        return move(kind, false, fd, to, atMost);
    }

    /**
     * Writes up to so many bytes; returns how many, or errno negated. A buffer on the heap is written by several calls,
     * as long as the system takes each copy in full: the error of a later call is returned, and the position says how
     * much was written before.
     */
    public static int write(Kind kind, int fd, ByteBuffer from, int atMost) {
        int total = 0;
        while (true) {
            int put = move(kind, true, fd, from, atMost - total);
            if (put < 0) {
                return put == -Errno.EAGAIN && total > 0 ? total : put;
            }
            total += put;
            if (from.isDirect() || put < Scratch.BYTES || total == atMost || !from.hasRemaining()) {
                return total;
            }
        }
    }

    private static int move(Kind kind, boolean writes, int fd, ByteBuffer buffer, int atMost) {
        int start = buffer.position();
        int size = Math.clamp(buffer.limit() - start, 0, atMost);
        long address = address(buffer);
        if (address == BufferAddresses.NONE) {
            return moveByCopy(kind, writes, fd, buffer, start, Math.min(size, Scratch.BYTES));
        }
        try {
            int moved = (int) kind.move(writes, fd, address + start, size);
            if (moved > 0) {
                buffer.position(start + moved);
            }
            return moved;
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    private static int moveByCopy(Kind kind, boolean writes, int fd, ByteBuffer buffer, int start, int size) {
        try (Scratch scratch = Scratch.take()) {
            if (writes) {
                scratch.bytes().clear().put(0, buffer, start, size);
            }
            int moved = (int) kind.move(writes, scratch.errno, fd, scratch.bytesAddress(), size);
            if (moved > 0) {
                if (!writes) {
                    buffer.put(start, scratch.bytes().clear(), 0, moved);
                }
                buffer.position(start + moved);
            }
            return moved;
        }
    }

    /** Writes buffers in order, in one call; returns how many bytes, or errno negated. */
    public static long gather(int fd, ByteBuffer[] from, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, from.length);
        try (Scratch scratch = Scratch.take()) {
            // Kept reachable by the scratch: the array is the caller's, who may replace its elements during the call.
            @Nullable ByteBuffer[] gathered = scratch.gathered;
            try {
                int count = fillVectors(scratch, from, offset, length);
                if (count == 0) {
                    return 0;
                }
                long put = Libc.Vectors.WRITEV.transfer(scratch.errno, fd, scratch.vectors.address(), count, 0, 0, 0);
                advance(gathered, put);
                return put;
            } finally {
                for (int i = 0; i < gathered.length && gathered[i] != null; i++) {
                    gathered[i] = null;
                }
                Reference.reachabilityFence(scratch);
            }
        }
    }

    private static int fillVectors(Scratch scratch, ByteBuffer[] from, int offset, int length) {
        scratch.bytes().clear();
        int count = 0;
        for (int i = offset; i < offset + length && count < Scratch.VECTORS; i++) {
            ByteBuffer each = from[i];
            int start = each.position();
            int whole = Math.max(0, each.limit() - start);
            if (whole == 0) {
                continue;
            }
            int size = whole;
            long address = address(each);
            if (address != BufferAddresses.NONE) {
                address += start;
            } else {
                size = Math.min(whole, scratch.bytes().remaining());
                if (size == 0) {
                    break;
                }
                int place = scratch.bytes().position();
                address = scratch.bytesAddress() + place;
                scratch.bytes().put(place, each, start, size).position(place + size);
            }
            scratch.gathered[count] = each;
            setVector(scratch.vectors, count++, address, size);
            if (size < whole) {
                break; // what comes behind must wait for the rest of this one
            }
        }
        return count;
    }

    /** Writes one element of an array of {@code iovec}. */
    public static void setVector(MemorySegment vectors, int index, long address, int size) {
        long at = (long) index * Layouts.IOVEC_SIZE;
        vectors.set(JAVA_LONG, at + Layouts.IOVEC__IOV_BASE, address);
        vectors.set(JAVA_LONG, at + Layouts.IOVEC__IOV_LEN, size);
    }

    private static void advance(@Nullable ByteBuffer[] gathered, long put) {
        long left = put;
        for (int i = 0; left > 0 && i < gathered.length; i++) {
            ByteBuffer each = Objects.requireNonNull(gathered[i]);
            int taken = (int) Math.min(left, each.remaining());
            each.position(each.position() + taken);
            left -= taken;
        }
    }
}
