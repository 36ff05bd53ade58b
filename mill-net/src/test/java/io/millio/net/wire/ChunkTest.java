package io.millio.net.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.account.MemoryAccount;
import io.millio.pool.BufferPool;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ChunkTest {
    private final BufferPool pool = BufferPool.builder().build();

    private static byte[] contentOf(Chunk chunk) {
        byte[] bytes = new byte[chunk.size()];
        chunk.buffer.duplicate().get(bytes);
        return bytes;
    }

    /** Else each read of what is left unread would move all that came before. */
    @Test
    void bytesAreAppendedInPlaceUntilNoRoomIsLeft() {
        Chunk chunk = Chunk.copyOf(ByteBuffer.wrap(new byte[] {1, 2, 3}), pool, MemoryAccount.NONE);
        int capacity = chunk.buffer.capacity();
        assertThat(chunk.size()).isEqualTo(3);
        assertThat(chunk.room()).isEqualTo(capacity - 3).isPositive();
        ByteBuffer more = ByteBuffer.allocate(capacity);
        more.put(0, (byte) 4);
        chunk.append(more);
        assertThat(chunk.room()).isZero();
        assertThat(chunk.size()).isEqualTo(capacity);
        assertThat(more.remaining()).as("what did not fit").isEqualTo(3);
        assertThat(contentOf(chunk)).startsWith(1, 2, 3, 4);
        chunk.release();
        assertThat(pool.stats().leasedBytes()).isZero();
    }

    @Test
    void anEnlargedChunkHasTheSameBytesAndRoomForAsManyAndMore() {
        Chunk small = Chunk.copyOf(ByteBuffer.allocate(700).put(0, (byte) 5), pool, MemoryAccount.NONE);
        Chunk large = small.enlarged(100, pool);
        assertThat(large.size()).isEqualTo(700);
        assertThat(large.room()).isGreaterThanOrEqualTo(800);
        assertThat(contentOf(large)).startsWith(5);
        large.release();
        assertThat(pool.stats().leasedBytes()).isZero();
    }

    /** Counts, or has no memory for that. */
    private static final class Counter implements MemoryAccount {
        private long bytes;
        private boolean fails;

        @Override
        public void hold(int more) {
            if (fails) {
                throw new OutOfMemoryError("of the test");
            }
            bytes += more;
        }

        @Override
        public void free(int less) {
            bytes -= less;
        }
    }

    @Test
    void itsCapacityCountsFromItsCreationToItsReleaseAndNoMore() {
        Counter counter = new Counter();
        Chunk leased = Chunk.ofSize(700, pool, counter);
        assertThat(counter.bytes).isEqualTo(leased.buffer.capacity());
        Chunk larger = leased.enlarged(2000, pool);
        assertThat(counter.bytes).isEqualTo(larger.buffer.capacity());
        larger.release();
        assertThat(counter.bytes).isZero();
        Chunk ofHeap = Chunk.ofSize(pool.maxBytes() + 1, pool, counter);
        assertThat(counter.bytes).isEqualTo(pool.maxBytes() + 1);
        ofHeap.release();
        ofHeap.release();
        assertThat(counter.bytes).isZero();
    }

    @Test
    void aBufferThatCannotBeCountedIsGivenBack() {
        Counter counter = new Counter();
        counter.fails = true;
        assertThatThrownBy(() -> Chunk.ofSize(700, pool, counter)).isInstanceOf(OutOfMemoryError.class);
        assertThat(pool.stats().leasedBytes()).isZero();
    }
}
