package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Moves bytes between buffers and descriptors. Stateless; any thread.
 *
 * <p>The system is given the memory of a direct buffer as it is. A buffer on the heap, which the garbage collector may
 * move, and one whose arena somebody can close during the call are copied.
 */
final class Buffers {
    /** How a descriptor is read and written. */
    enum Kind {
        SOCKET,
        FILE;

        private long read(int fd, long address, int size) {
            MemorySegment errno = ThreadErrno.ofPlatformThread();
            if (errno != null) {
                return read(errno, fd, address, size);
            }
            try (Scratch scratch = Scratch.take()) {
                return read(scratch.errno, fd, address, size);
            }
        }

        private long write(int fd, long address, int size) {
            MemorySegment errno = ThreadErrno.ofPlatformThread();
            if (errno != null) {
                return write(errno, fd, address, size);
            }
            try (Scratch scratch = Scratch.take()) {
                return write(scratch.errno, fd, address, size);
            }
        }

        private long read(MemorySegment errno, int fd, long address, int size) {
            return this == SOCKET ? HotCalls.recv(errno, fd, address, size) : FileCalls.read(errno, fd, address, size);
        }

        private long write(MemorySegment errno, int fd, long address, int size) {
            return this == SOCKET ? HotCalls.send(errno, fd, address, size) : FileCalls.write(errno, fd, address, size);
        }
    }

    private Buffers() {}

    /**
     * Where a buffer's index 0 is, or {@link BufferAddresses#NONE} where it must be copied. Whoever uses it reads
     * position and limit once, and keeps the buffer reachable: neither can be past the capacity, so that the memory is
     * the buffer's whatever another thread does to them meanwhile.
     */
    static long address(ByteBuffer buffer) {
        return buffer.isDirect() ? BufferAddresses.of(buffer) : BufferAddresses.NONE;
    }

    static ByteBuffer writable(ByteBuffer to) {
        if (to.isReadOnly()) {
            throw new IllegalArgumentException("to: a read-only buffer: " + to);
        }
        return to;
    }

    /** Reads up to so many bytes; returns how many, 0 at the end of input, or errno negated. */
    static int read(Kind kind, int fd, ByteBuffer to, int atMost) {
        int start = to.position();
        int room = Math.clamp(to.limit() - start, 0, atMost);
        long address = address(to);
        if (address == BufferAddresses.NONE) {
            return readByCopy(kind, fd, to, room);
        }
        try {
            int got = (int) kind.read(fd, address + start, room);
            if (got > 0) {
                to.position(start + got);
            }
            return got;
        } finally {
            Reference.reachabilityFence(to);
        }
    }

    private static int readByCopy(Kind kind, int fd, ByteBuffer to, int room) {
        int total = 0;
        try (Scratch scratch = Scratch.take()) {
            while (true) {
                int chunk = Math.min(room - total, Scratch.BYTES);
                int got = (int) kind.read(scratch.errno, fd, scratch.bytesAddress(), chunk);
                if (got <= 0) {
                    return total > 0 ? total : got; // what stopped it, the next read finds again
                }
                to.put(scratch.bytes.clear().limit(got));
                total += got;
                if (got < chunk || total == room) {
                    return total;
                }
            }
        }
    }

    /** Writes up to so many bytes; returns how many, or errno negated. */
    static int write(Kind kind, int fd, ByteBuffer from, int atMost) {
        int start = from.position();
        int size = Math.clamp(from.limit() - start, 0, atMost);
        long address = address(from);
        if (address == BufferAddresses.NONE) {
            return writeByCopy(kind, fd, from, size);
        }
        try {
            int put = (int) kind.write(fd, address + start, size);
            if (put > 0) {
                from.position(start + put);
            }
            return put;
        } finally {
            Reference.reachabilityFence(from);
        }
    }

    private static int writeByCopy(Kind kind, int fd, ByteBuffer from, int size) {
        int total = 0;
        try (Scratch scratch = Scratch.take()) {
            while (true) {
                int start = from.position();
                int chunk = Math.min(size - total, Scratch.BYTES);
                scratch.bytes.clear().put(0, from, start, chunk);
                int put = (int) kind.write(scratch.errno, fd, scratch.bytesAddress(), chunk);
                if (put < 0) {
                    return total > 0 ? total : put;
                }
                from.position(start + put);
                total += put;
                if (put < chunk || total == size) {
                    return total;
                }
            }
        }
    }

    /** Writes buffers in order, in one call; returns how many bytes, or errno negated. */
    static long gather(int fd, ByteBuffer[] from, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, from.length);
        try (Scratch scratch = Scratch.take()) {
            int count = fillVectors(scratch, from, offset, length);
            long put = count == 0 ? 0 : VectorCalls.writev(scratch.errno, fd, scratch.vectors.address(), count);
            advance(from, offset, put);
            return put;
        } finally {
            for (int i = offset; i < offset + length; i++) {
                Reference.reachabilityFence(from[i]);
            }
        }
    }

    private static int fillVectors(Scratch scratch, ByteBuffer[] from, int offset, int length) {
        scratch.bytes.clear();
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
                size = Math.min(whole, scratch.bytes.remaining());
                if (size == 0) {
                    break;
                }
                int place = scratch.bytes.position();
                address = scratch.bytesAddress() + place;
                scratch.bytes.put(place, each, start, size).position(place + size);
            }
            long at = (long) count++ * Layouts.IOVEC_SIZE;
            scratch.vectors.set(JAVA_LONG, at + Layouts.IOVEC__IOV_BASE, address);
            scratch.vectors.set(JAVA_LONG, at + Layouts.IOVEC__IOV_LEN, size);
            if (size < whole) {
                break; // what comes behind must wait for the rest of this one
            }
        }
        return count;
    }

    private static void advance(ByteBuffer[] from, int offset, long put) {
        long left = put;
        for (int i = offset; left > 0; i++) {
            int taken = (int) Math.min(left, from[i].remaining());
            from[i].position(from[i].position() + taken);
            left -= taken;
        }
    }
}
