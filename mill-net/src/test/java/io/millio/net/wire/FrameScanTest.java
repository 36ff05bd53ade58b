package io.millio.net.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.account.MemoryAccount;
import io.millio.pool.BufferPool;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What a loop remembers of an unfinished frame, which belongs to one connection. */
class FrameScanTest {
    private static final Object DECODER = new Object();

    private final BufferPool pool = BufferPool.builder().build();
    private final FrameScan scan = new FrameScan();

    @Test
    void aSearchContinuesWhereItStopped() {
        ByteBuffer data = ByteBuffer.allocate(100);
        Chunk unread = Chunk.ofSize(100, pool, MemoryAccount.NONE);
        scan.begin(data, null);
        scan.searched(DECODER, data, 0, 100);
        scan.end(unread, 0);
        scan.begin(data, unread);
        assertThat(scan.searched(DECODER, data, 0)).isEqualTo(100);
    }

    @Test
    void bytesThatWereKeptWithoutACallbackHaveNotBeenSearched() {
        ByteBuffer data = ByteBuffer.allocate(100);
        scan.begin(data, null);
        scan.searched(DECODER, data, 0, 100);
        scan.end(Chunk.ofSize(100, pool, MemoryAccount.NONE), 0);
        Chunk ofAnother = Chunk.ofSize(12, pool, MemoryAccount.NONE);
        scan.end(ofAnother, 0);
        assertThat(ofAnother.searchedBytes).isZero();
    }
}
