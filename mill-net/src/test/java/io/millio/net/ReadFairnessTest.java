package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much of a turn each connection gets when many have something to read. */
class ReadFairnessTest {
    private static final int BYTES = 64 * 1024;
    private static final Duration SHORTLY = Duration.ofMillis(50);

    private final SimNetwork network = SimNetwork.seeded(1);
    private final SimHost host = network.host("server");
    private final long[] spent = new long[1];
    private final EventLoop loop = host.loop(
            settings -> settings.direct().nanoClock(() -> host.nanoClock().getAsLong() + spent[0]));
    private final TcpClient clients = TcpClient.builder()
            .loop(network.host("client").loop(EventLoopBuilder::direct))
            .build();
    private final List<Connection> served = new ArrayList<>();
    private final List<Integer> deliveries = new ArrayList<>();
    private long handlerNanos;

    @AfterEach
    void close() {
        loop.close();
        network.close();
    }

    /** Has connections read at the same moment, each of which has {@link #BYTES} to read. */
    private void readAtOnce(int connections) throws IOException {
        ConnectionHandler handler = new ConnectionHandler() {
            @Override
            public void onOpen(Connection connection) {
                connection.pauseReading();
                served.add(connection);
            }

            @Override
            public void onData(Connection connection, ByteBuffer bytes) {
                deliveries.add(bytes.remaining());
                spent[0] += handlerNanos;
                bytes.position(bytes.limit());
            }
        };
        TcpServer unused = TcpServer.builder()
                .address(host.address(80))
                .loop(loop)
                .handler(handler)
                .start();
        for (int i = 0; i < connections; i++) {
            CompletableFuture<Connection> connecting = clients.connect(host.address(80), new Recorder());
            network.runFor(SHORTLY);
            assertThat(connecting.join().write(ByteBuffer.allocate(BYTES))).isEqualTo(WriteResult.CONTINUE);
        }
        network.runFor(SHORTLY);
        assertThat(deliveries).isEmpty();
        loop.execute(() -> served.forEach(Connection::resumeReading));
        network.runFor(SHORTLY);
        assertThat(deliveries.stream().mapToInt(Integer::intValue).sum()).isEqualTo(connections * BYTES);
    }

    @Test
    void manyConnectionsAreReadByTheBufferfulIfThatTakesLittleTime() throws IOException {
        handlerNanos = 1_000;
        readAtOnce(300);
        assertThat(deliveries).containsOnly(BYTES).hasSize(300);
    }

    @Test
    void othersReadLittleWhenATurnTakesLongAndAllReadLessInTheNext() throws IOException {
        handlerNanos = 400_000;
        readAtOnce(100);
        assertThat(deliveries.subList(0, 13)).containsOnly(BYTES);
        assertThat(deliveries.subList(13, 100)).containsOnly(1024);
        assertThat(deliveries.subList(100, deliveries.size())).contains(BYTES / 2); // after a few turns
    }
}
