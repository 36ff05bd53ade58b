package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Whatever buffers a stream is given, bytes arrive as they were or an exception is thrown; the process lives on. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class BufferFuzzTest {
    private static final int ROUNDS = 3000;

    private final long seed = Long.getLong("millio.linux.seed", new Random().nextLong());
    private final Random random = new Random(seed);

    private ByteBuffer buffer(int capacity, Arena shared) {
        return switch (random.nextInt(7)) {
            case 0 -> ByteBuffer.allocate(capacity);
            case 1 -> ByteBuffer.allocateDirect(capacity);
            case 2 -> ByteBuffer.allocate(capacity + 7).slice(3, capacity);
            case 3 -> ByteBuffer.allocateDirect(capacity + 7).slice(5, capacity);
            case 4 -> shared.allocate(Math.max(1, capacity)).asByteBuffer();
            case 5 -> Arena.ofAuto().allocate(Math.max(1, capacity)).asByteBuffer();
            default -> Arena.global().allocate(Math.max(1, capacity)).asByteBuffer();
        };
    }

    private ByteBuffer filled(Arena shared, byte[] content) {
        ByteBuffer buffer = buffer(content.length + 4, shared);
        buffer.position(Math.min(2, buffer.capacity())).put(content).flip().position(2);
        return random.nextBoolean() ? buffer : buffer.asReadOnlyBuffer();
    }

    @Test
    void bytesSurviveEveryKindOfBuffer() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open();
                LoopbackPair back = LoopbackPair.open();
                Arena shared = Arena.ofShared()) {
            assertThat(back.stream().isOpen()).isTrue();
            for (int round = 0; round < ROUNDS; round++) {
                byte[] content = new byte[random.nextInt(300)];
                random.nextBytes(content);
                ByteBuffer from = filled(shared, content);
                long put = random.nextBoolean()
                        ? pair.stream().write(from)
                        : pair.stream().write(new ByteBuffer[] {ByteBuffer.allocate(0), from}, 0, 2);
                assertThat(put).as("seed " + seed).isEqualTo(content.length);
                assertThat(from.hasRemaining()).isFalse();
                ByteBuffer echo = ByteBuffer.allocate(content.length);
                while (echo.hasRemaining()) {
                    pair.peer().read(echo);
                }
                assertThat(echo.array()).as("seed " + seed).isEqualTo(content);
                readBack(pair, shared, content);
            }
        }
    }

    private void readBack(LoopbackPair pair, Arena shared, byte[] content) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(content);
        while (out.hasRemaining()) {
            pair.peer().write(out);
        }
        ByteBuffer to = buffer(content.length + 2, shared).position(1).limit(content.length + 1);
        while (to.hasRemaining()) {
            assertThat(pair.stream().read(to)).isNotNegative();
        }
        byte[] got = new byte[content.length];
        to.get(1, got);
        assertThat(got).as("seed " + seed).isEqualTo(content);
    }

    @Test
    void buffersThatCantTakeBytesAreRefused() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open()) {
            assertThatThrownBy(() -> pair.stream().read(ByteBuffer.allocate(1).asReadOnlyBuffer()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("read-only");
            ByteBuffer closed;
            try (Arena arena = Arena.ofShared()) {
                closed = arena.allocate(100).asByteBuffer();
            }
            pair.peer().write(ByteBuffer.allocate(50));
            assertThatThrownBy(() -> pair.stream().write(closed)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> pair.stream().write(new ByteBuffer[] {closed}, 0, 1))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> pair.stream().write(new ByteBuffer[] {closed}, 1, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(pair.stream().isOpen()).isTrue();
        }
    }

    @Test
    void anArenaThatIsClosedDuringCallsEndsThemWithAnException() throws Exception {
        for (int round = 0; round < 200; round++) {
            try (LoopbackPair pair = LoopbackPair.open()) {
                Arena arena = Arena.ofShared();
                ByteBuffer buffer = arena.allocate(4096).asByteBuffer();
                Throwable[] thrown = new Throwable[1];
                Thread writer = new Thread(() -> {
                    try {
                        while (true) {
                            pair.stream().write(buffer.clear());
                        }
                    } catch (Throwable t) {
                        thrown[0] = t;
                    }
                });
                writer.start();
                arena.close();
                writer.join();
                assertThat(thrown[0]).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void aBufferThatAnotherThreadMovesMeanwhileHarmsNothing() throws Exception {
        try (LoopbackPair pair = LoopbackPair.open()) {
            pair.peer().configureBlocking(false);
            ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
            Thread mover = new Thread(() -> {
                for (int i = 0; i < 100_000; i++) {
                    buffer.clear().position(i % 4096);
                }
            });
            mover.start();
            while (mover.isAlive()) {
                try {
                    pair.stream().write(buffer);
                } catch (IllegalArgumentException e) {
                    // its position and limit did not fit together
                }
                pair.peer().read(ByteBuffer.allocate(65_536));
            }
            mover.join();
            assertThat(pair.stream().isOpen()).isTrue();
        }
    }
}
