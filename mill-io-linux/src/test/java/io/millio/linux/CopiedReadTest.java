package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.SocketSettings;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Reads of less than fits, into each kind of buffer: count, position, and the bytes around. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
@EnabledForJreRange(minVersion = 22, disabledReason = "a transport for Java 22")
class CopiedReadTest {
    private static final int SIZE = 200_000;
    private static final byte FILLED = 7;

    /** Moves what is there into a buffer; returns how many bytes. */
    private interface Read {
        int into(ByteBuffer to) throws IOException;
    }

    /** Sends the bytes, which arrive whole. */
    private interface Send {
        void all(ByteBuffer bytes) throws IOException;
    }

    private static ByteBuffer[] kinds(Arena shared) {
        ByteBuffer[] kinds = {
            ByteBuffer.allocate(SIZE),
            ByteBuffer.allocateDirect(SIZE),
            shared.allocate(SIZE).asByteBuffer(),
            ByteBuffer.allocate(SIZE + 10).slice(5, SIZE),
        };
        for (ByteBuffer each : kinds) {
            while (each.hasRemaining()) {
                each.put(FILLED);
            }
        }
        return kinds;
    }

    private static void check(Send send, Read read) throws IOException {
        try (Arena shared = Arena.ofShared()) {
            for (ByteBuffer to : kinds(shared)) {
                for (int size : new int[] {1, 2, 100, 4096}) {
                    byte[] content = new byte[size];
                    for (int i = 0; i < size; i++) {
                        content[i] = (byte) (11 + i % 50);
                    }
                    send.all(ByteBuffer.wrap(content));
                    int start = 3;
                    to.clear().position(start);
                    int got = 0;
                    while (got == 0) {
                        got = read.into(to);
                    }
                    assertThat(got).as("bytes that were read").isEqualTo(size);
                    assertThat(to.position()).isEqualTo(start + size);
                    assertThat(to.limit()).isEqualTo(SIZE);
                    byte[] found = new byte[size];
                    to.get(start, found);
                    assertThat(found).isEqualTo(content);
                    assertThat(to.get(start - 1)).as("the byte before").isEqualTo(FILLED);
                    assertThat(to.get(start + size)).as("the byte behind").isEqualTo(FILLED);
                    for (int i = start; i < start + size; i++) {
                        to.put(i, FILLED);
                    }
                }
            }
        }
    }

    @Test
    void aStreamReadsWhatIsThere() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open()) {
            check(bytes -> pair.peer().write(bytes), pair.stream()::read);
        }
    }

    @Test
    void aPipeReadsWhatIsThere() throws IOException {
        Fd.Pipe pipe = Fd.pipe();
        check(pipe.writer()::write, pipe.reader()::read);
        pipe.reader().close();
        pipe.writer().close();
    }

    @Test
    void aDatagramIsReceivedWhole() throws IOException {
        try (UdpSocket to = LoopbackPair.epoll().openUdp(LoopbackPair.ANY, SocketSettings.NONE);
                UdpSocket from = LoopbackPair.epoll().openUdp(LoopbackPair.ANY, SocketSettings.NONE)) {
            check(bytes -> assertThat(from.send(bytes, to.localAddress())).isTrue(), buffer -> {
                int before = buffer.position();
                return to.receive(buffer) == null ? 0 : buffer.position() - before;
            });
        }
    }
}
