package io.millio.net.wire;

import io.millio.net.account.MemoryAccount;
import io.millio.transport.Datagrams;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams that wait, at most so many and so many bytes. Every method is guarded by the owner's lock on this; the
 * counts may be read without.
 */
public final class DatagramQueue {
    /** A datagram; linked, so that the queue needs no memory of its own. */
    private static final class Waiting {
        final SocketAddress address;
        int size;

        @Nullable
        Chunk bytes; // null: not in the queue yet

        @Nullable
        Waiting next;

        Waiting(SocketAddress address) {
            this.address = address;
        }

        void take(ByteBuffer from, MemoryAccount account) {
            size = from.remaining();
            bytes = Chunk.copyOf(from, Chunk.SHARED, account);
        }

        Chunk bytes() {
            return Objects.requireNonNull(bytes);
        }
    }

    private final int maxCount;
    private final long maxBytes;
    private final MemoryAccount account;
    private @Nullable Waiting first;
    private @Nullable Waiting last;

    private volatile int count;
    private volatile long bytes;

    // Of those that wait elsewhere.
    private volatile int reserved;
    private volatile long reservedBytes;

    public DatagramQueue(int maxCount, long maxBytes, MemoryAccount account) {
        this.maxCount = maxCount;
        this.maxBytes = maxBytes;
        this.account = account;
    }

    public boolean hasRoom(int size) {
        return count() < maxCount && bytes() + size <= maxBytes;
    }

    /** Whether it is half empty: a program that was refused may go on. */
    public boolean isHalfEmpty() {
        return count() <= maxCount / 2 && bytes() <= maxBytes / 2;
    }

    /** Whether none waits here, reserved ones apart. */
    public boolean isEmpty() {
        return first == null;
    }

    public int count() {
        return count + reserved;
    }

    public long bytes() {
        return bytes + reservedBytes;
    }

    /** Counts datagrams that wait elsewhere: all of them, in the place of those of before. */
    public void reserve(int datagrams, long size) {
        reserved = datagrams;
        reservedBytes = size;
    }

    /** Adds a datagram, whose bytes are taken. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // guarded
    public void add(ByteBuffer from, SocketAddress address) {
        Waiting added = new Waiting(address);
        added.take(from, account); // nothing fails behind it
        if (last == null) {
            first = added;
        } else {
            last.next = added;
        }
        last = added;
        count++;
        bytes += added.size;
    }

    /** As {@link #add}, in front of the others, and beyond the limits if need be. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void putBack(ByteBuffer from, SocketAddress address) {
        Waiting added = new Waiting(address);
        added.take(from, account);
        added.next = first;
        first = added;
        if (last == null) {
            last = added;
        }
        count++;
        bytes += added.size;
    }

    /** The address of the first one; null: there is none. */
    public @Nullable SocketAddress firstAddress() {
        return first == null ? null : first.address;
    }

    /** The bytes of the first one, which stay its. */
    public @Nullable ByteBuffer firstBytes() {
        return first == null ? null : first.bytes().buffer;
    }

    /** Removes the first one, if there is one. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void remove() {
        Waiting known = first;
        if (known != null) {
            known.bytes().release(); // if this fails, it is still there; nothing behind it does
            first = known.next;
            if (first == null) {
                last = null;
            }
            count--;
            bytes -= known.size;
        }
    }

    /** Removes all. */
    public void clear() {
        while (first != null) {
            remove();
        }
    }

    /**
     * Copies the first ones to where they are sent; they stay.
     *
     * @return how many; 0 if the first is larger than its room there, or there is none
     * @throws IOException if the first can't be sent by this socket
     */
    public int copyTo(Datagrams to, UdpSocket by) throws IOException {
        int copied = 0;
        for (Waiting each = first; each != null && copied < to.capacity(); each = each.next) {
            ByteBuffer room = to.buffer(copied).clear();
            if (each.size > room.remaining()) {
                break;
            }
            try {
                to.setAddress(copied, each.address, by);
            } catch (IOException | RuntimeException e) {
                if (copied == 0) {
                    throw e;
                }
                break; // the next call reports it
            }
            ByteBuffer bytes = each.bytes().buffer;
            room.put(0, bytes, bytes.position(), each.size).limit(each.size);
            copied++;
        }
        return copied;
    }
}
