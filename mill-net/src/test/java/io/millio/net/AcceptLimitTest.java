package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.limit.RateLimiter;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How fast a server accepts, in simulated time. */
class AcceptLimitTest {
    private static final int CLIENTS = 50;

    private final SimNetwork network = SimNetwork.seeded(1);
    private final SimHost host = network.host("server");
    private final EventLoop loop = host.loop(EventLoopBuilder::direct);
    private int opened;
    private int ended;

    @AfterEach
    void close() {
        assertThat(network.errors()).isEmpty();
        network.close();
    }

    private TcpServer server(UnaryOperator<TcpServerBuilder> settings) throws IOException {
        return settings.apply(
                        TcpServer.builder().address(host.address(80)).loop(loop).handler(new ConnectionHandler() {
                            @Override
                            public void onOpen(Connection connection) {
                                opened++;
                            }

                            @Override
                            public void onData(Connection connection, ByteBuffer bytes) {}
                        }))
                .start();
    }

    private void connectAll(String from) {
        TcpClient client = TcpClient.builder()
                .loop(network.host(from).loop(EventLoopBuilder::direct))
                .build();
        for (int i = 0; i < CLIENTS; i++) {
            CompletableFuture<?> unused = client.connect(host.address(80), new ConnectionHandler() {
                @Override
                public void onData(Connection connection, ByteBuffer bytes) {}

                @Override
                public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
                    ended++;
                }
            });
        }
    }

    @Test
    void aServerAcceptsABurstAndThenAtItsRateAndLosesNoClient() throws IOException {
        RateLimiter limiter = RateLimiter.builder()
                .rate(10, Duration.ofSeconds(1))
                .burst(5)
                .nanoClock(host.nanoClock())
                .build();
        TcpServer server = server(settings -> settings.acceptLimit(limiter));
        connectAll("client");
        network.runFor(Duration.ofMillis(50));
        assertThat(opened).isEqualTo(5);
        network.runFor(Duration.ofSeconds(2));
        assertThat(opened).isBetween(24, 26);
        assertThat(server.acceptsHeldBack()).isPositive();
        limiter.setRate(1000, Duration.ofSeconds(1), 5);
        network.runFor(Duration.ofSeconds(1));
        assertThat(opened).isEqualTo(CLIENTS);
        assertThat(ended).isZero();
        server.close();
        network.run();
    }

    @Test
    void anAddressThatComesTooOftenIsResetAndOthersAreNot() throws IOException {
        List<RefusalListener.Reason> refused = new ArrayList<>();
        TcpServer server = server(settings -> settings.refusals((remote, reason, failure) -> refused.add(reason))
                .acceptLimitPerAddress(RateLimiter.builder()
                        .rate(1, Duration.ofHours(1))
                        .burst(60)
                        .nanoClock(host.nanoClock())
                        .buildKeyed(100)));
        connectAll("greedy");
        connectAll("other");
        network.runFor(Duration.ofSeconds(1));
        assertThat(opened).isEqualTo(2 * CLIENTS);
        connectAll("greedy");
        network.runFor(Duration.ofSeconds(1));
        assertThat(opened).isEqualTo(2 * CLIENTS + 10);
        assertThat(ended).isEqualTo(CLIENTS - 10);
        assertThat(server.acceptsRefused()).isEqualTo(CLIENTS - 10);
        assertThat(refused).hasSize(CLIENTS - 10).containsOnly(RefusalListener.Reason.ADDRESS_LIMIT);
        assertThat(server.connections()).isEqualTo(opened);
        server.close();
        network.run();
    }
}
