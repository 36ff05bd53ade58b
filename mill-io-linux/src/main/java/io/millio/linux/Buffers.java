package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Moves bytes between buffers and descriptors. Stateless; any thread.
 *
 * <p>The system is given the memory of a direct buffer as it is. A buffer on the heap, which the garbage collector may move, and
 * one whose arena somebody can close during the call are copied.
 */
final class Buffers {
    /** How a descriptor is read and written. */
    enum Kind {
        SOCKET,
        FILE;

        private long read(MemorySegment errno, int fd, long address, int size) {
            return this == SOCKET ? HotCalls.recv(errno, fd, address, size) : FileCalls.read(errno, fd, address, size);
        }

        private long write(MemorySegment errno, int fd, long address, int size) {
            return this == SOCKET ? HotCalls.send(errno, fd, address, size) : FileCalls.write(errno, fd, address, size);
        }
    }

    // The memory of a buffer of these classes of scope stays while the buffer is reachable.
    private static final Class<?> DIRECT = scopeOf(ByteBuffer.allocateDirect(1));
    private static final Class<?> GLOBAL = Arena.global().scope().getClass();
    private static final Class<?> AUTO = Arena.ofAuto().scope().getClass();

    // Should a Java come that has one class for all, everything is copied.
    private static final boolean TOLD_APART = toldApart();

    private Buffers() {}

    private static Class<?> scopeOf(ByteBuffer buffer) {
        return MemorySegment.ofBuffer(buffer).scope().getClass();
    }

    private static boolean toldApart() {
        try (Arena confined = Arena.ofConfined();
                Arena shared = Arena.ofShared()) {
            return !stays(confined.scope().getClass()) && !stays(shared.scope().getClass());
        }
    }

    private static boolean stays(Class<?> scope) {
        return scope == DIRECT || scope == GLOBAL || scope == AUTO;
    }

    /**
     * The address of what remains of a buffer; 0 if it must be copied. Whoever uses it keeps the buffer reachable.
     *
     * @param view a buffer that no other thread has, so that its position and limit belong together
     */
    static long address(ByteBuffer view) {
        MemorySegment memory = MemorySegment.ofBuffer(view);
        return memory.isNative() && TOLD_APART && stays(memory.scope().getClass()) ? memory.address() : 0;
    }

    static ByteBuffer writable(ByteBuffer to) {
        if (to.isReadOnly()) {
            throw new IllegalArgumentException("to: a read-only buffer: " + to);
        }
        return to;
    }

    /** Reads up to so many bytes; returns how many, 0 at the end of input, or errno negated. */
    static int read(Kind kind, int fd, ByteBuffer to, int atMost, MemorySegment errno) {
        if (!to.isDirect()) { // first: what follows is free only where it sees one kind of buffer
            return readByCopy(kind, fd, to, Math.min(to.remaining(), atMost));
        }
        ByteBuffer view = to.duplicate();
        int room = Math.min(view.remaining(), atMost);
        long address = address(view);
        if (address == 0) {
            return readByCopy(kind, fd, to, room);
        }
        try {
            int got = (int) kind.read(errno, fd, address, room);
            if (got > 0) {
                to.position(view.position() + got);
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
    static int write(Kind kind, int fd, ByteBuffer from, int atMost, MemorySegment errno) {
        if (!from.isDirect()) {
            return writeByCopy(kind, fd, from, Math.min(from.remaining(), atMost));
        }
        ByteBuffer view = from.duplicate();
        int size = Math.min(view.remaining(), atMost);
        long address = address(view);
        if (address == 0) {
            return writeByCopy(kind, fd, from, size);
        }
        try {
            int put = (int) kind.write(errno, fd, address, size);
            if (put > 0) {
                from.position(view.position() + put);
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
                scratch.bytes.clear().limit(chunk).put(from.duplicate().limit(start + chunk));
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
            ByteBuffer view = from[i].duplicate();
            int whole = view.remaining();
            if (whole == 0) {
                continue;
            }
            int size = whole;
            long address = address(view);
            if (address == 0) {
                size = Math.min(whole, scratch.bytes.remaining());
                if (size == 0) {
                    break;
                }
                address = scratch.bytesAddress() + scratch.bytes.position();
                scratch.bytes.put(view.limit(view.position() + size));
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
