package io.millio.linux;

import io.millio.linux.sys.SocketAddresses;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;

/** The sender of the last datagram, so that the next one from there costs no new address. One thread at a time. */
final class SenderCache {
    private static final SocketAddress NOWHERE = UnixDomainSocketAddress.of("");

    private final MemorySegment written;
    private int writtenLength = -1;
    private @Nullable SocketAddress known;

    /** With memory for {@link SocketAddresses#MAX_BYTES} bytes. */
    SenderCache(MemorySegment written) {
        this.written = written;
    }

    /** The address that the system wrote. */
    SocketAddress address(MemorySegment from, int length) {
        SocketAddress last = known;
        if (last != null
                && length == writtenLength
                && MemorySegment.mismatch(from, 0, length, written, 0, length) == -1) {
            return last;
        }
        SocketAddress decoded = SocketAddresses.decode(from, length);
        SocketAddress found = decoded == null ? NOWHERE : decoded;
        MemorySegment.copy(from, 0, written, 0, Math.min(length, SocketAddresses.MAX_BYTES));
        writtenLength = length;
        known = found;
        return found;
    }
}
