package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.linux.sys.BufferAddresses;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BufferAddressesTest {
    private static long ofFirstByte(ByteBuffer buffer) {
        return MemorySegment.ofBuffer(buffer.duplicate().clear()).address();
    }

    @Test
    void theAddressIsThePlatformsHoweverOftenItIsAskedFor(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("mapped"), new byte[100]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer direct = ByteBuffer.allocateDirect(100);
            for (ByteBuffer buffer : List.of(
                    direct,
                    direct.slice(10, 20),
                    direct.duplicate(),
                    direct.asReadOnlyBuffer(),
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, 100),
                    Arena.ofAuto().allocate(10).asByteBuffer(),
                    Arena.global().allocate(10).asByteBuffer())) {
                for (int i = 0; i < 4; i++) {
                    buffer.position(i);
                    assertThat(BufferAddresses.of(buffer)).as(buffer.toString()).isEqualTo(ofFirstByte(buffer));
                }
            }
        }
    }

    @Test
    void memoryThatSomebodyCanCloseHasNone() {
        try (Arena shared = Arena.ofShared();
                Arena confined = Arena.ofConfined()) {
            for (Arena arena : List.of(shared, confined)) {
                ByteBuffer buffer = arena.allocate(10).asByteBuffer();
                for (int i = 0; i < 4; i++) {
                    assertThat(BufferAddresses.of(buffer)).isEqualTo(BufferAddresses.NONE);
                }
            }
        }
    }

    @Test
    void moreBuffersThanTheCacheHoldsAreDistinguished() {
        ByteBuffer memory = ByteBuffer.allocateDirect(40_000);
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < memory.capacity(); i++) {
            buffers.add(memory.slice(i, 1));
        }
        long first = ofFirstByte(memory);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < buffers.size(); i++) {
                assertThat(BufferAddresses.of(buffers.get(i))).isEqualTo(first + i);
            }
        }
    }

    @Test
    void aBufferThatComesOnceIsNotKept() {
        ByteBuffer memory = ByteBuffer.allocateDirect(10);
        long before = BufferAddresses.count();
        for (int i = 0; i < 1000; i++) {
            assertThat(BufferAddresses.of(memory.duplicate())).isNotZero();
        }
        assertThat(BufferAddresses.count() - before).isLessThan(100);
    }

    @Test
    void placesOfBuffersThatAreGoneServeOthers() {
        ByteBuffer memory = ByteBuffer.allocateDirect(1);
        long before = BufferAddresses.count();
        long most = 0;
        for (int round = 0; round < 200; round++) {
            for (int i = 0; i < 1000; i++) {
                ByteBuffer shortLived = memory.duplicate();
                assertThat(BufferAddresses.of(shortLived)).isEqualTo(BufferAddresses.of(shortLived));
            }
            if (round % 10 == 9) {
                System.gc();
            }
            most = Math.max(most, BufferAddresses.count());
        }
        assertThat(most).as("of 200,000 buffers").isGreaterThan(before).isLessThanOrEqualTo(16_384);
    }
}
