package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.wire.Chunk;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The shared pool of buffers after a burst. */
@Tag("once")
class SharedPoolTrimTest {
    private static final int BYTES = 8 << 20;

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void whatABurstHasTakenIsDroppedWhenItsConnectionsHaveGone() throws Exception {
        try (TcpServer server = TcpServer.builder()
                        .address("127.0.0.1", 0)
                        .handlers(accepted -> {
                            accepted.pauseReading();
                            return (connection, bytes) -> {};
                        })
                        .start();
                TcpClient client = TcpClient.create()) {
            Connection connection =
                    client.connect(server.localAddress(), (from, bytes) -> {}).get(20, TimeUnit.SECONDS);
            ByteBuffer part = ByteBuffer.allocate(64 * 1024);
            while (connection.queuedBytes() < BYTES) {
                assertThat(connection.write(part.clear())).isNotEqualTo(WriteResult.CLOSED);
            }
            assertThat(Chunk.SHARED.heldBytes()).isGreaterThan(BYTES / 2);
            connection.abort();
            while (Chunk.SHARED.heldBytes() > 2 << 20) {
                LockSupport.parkNanos(1_000_000);
            }
        }
    }
}
