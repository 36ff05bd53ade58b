package io.millio.linux;

import io.millio.linux.sys.SocketAddresses;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;

/** The sender of the last datagram, so that the next one from there costs no new address. One thread at a time. */
final class SenderCache {
    private static final SocketAddress NOWHERE = UnixDomainSocketAddress.of("");

    /** Where the system writes it. */
    final MemorySegment written;

    private final MemorySegment last;
    private int lastLength = -1;
    private @Nullable SocketAddress known;

    /** Takes two times {@link SocketAddresses#MAX_BYTES} bytes of the memory. */
    SenderCache(SegmentAllocator memory) {
        this.written = memory.allocate(SocketAddresses.MAX_BYTES, 8);
        this.last = memory.allocate(SocketAddresses.MAX_BYTES, 8);
    }

    /** The address that the system wrote. */
    SocketAddress address(int length) {
        SocketAddress found = known;
        if (found == null
                || length != lastLength
                || MemorySegment.mismatch(written, 0, length, last, 0, length) != -1) {
            SocketAddress decoded = SocketAddresses.decode(written, length);
            found = decoded == null ? NOWHERE : decoded;
            MemorySegment.copy(written, 0, last, 0, length);
            lastLength = length;
            known = found;
        }
        return found;
    }
}
