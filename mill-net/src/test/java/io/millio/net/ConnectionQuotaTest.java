package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.limit.KeyedRateLimiter;
import io.millio.limit.RateLimiter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that is full again and again goes on accepting, on real threads. */
class ConnectionQuotaTest {
    private static final int CONNECTIONS_PER_CLIENT = 500;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFullServerWithSeveralLoopsNeverStopsAccepting(boolean reusePort) throws Exception {
        try (TcpServer server = TcpServer.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .ownLoops(2)
                .reusePort(reusePort)
                .maxConnections(2)
                .handler(Connection::write)
                .start()) {
            List<Throwable> failures = new CopyOnWriteArrayList<>();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread client = new Thread(() -> {
                    try {
                        for (int n = 0; n < CONNECTIONS_PER_CLIENT; n++) {
                            echoOnce((InetSocketAddress) server.localAddress());
                        }
                    } catch (IOException | RuntimeException e) {
                        failures.add(e);
                    }
                });
                clients.add(client);
                client.start();
            }
            for (Thread client : clients) {
                client.join();
            }
            assertThat(failures).isEmpty();
        }
    }

    private static void echoOnce(InetSocketAddress server) throws IOException {
        try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.getOutputStream().write('x');
            assertThat(socket.getInputStream().read()).isEqualTo('x');
        }
    }

    @Test
    void placesAreCountedInAllAndPerAddress() {
        ConnectionQuota quota = new ConnectionQuota(null, 1, 1, 64, null);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        assertThat(quota.tryTake()).isTrue();
        assertThat(quota.tryTake(address)).isTrue();
        assertThat(quota.tryTake(address)).isFalse();
        assertThat(quota.tryTake()).isFalse();
        int[] emptied = new int[1];
        quota.whenEmpty(() -> emptied[0]++);
        assertThat(emptied[0]).isZero();
        quota.giveBack(address);
        assertThat(emptied[0]).isOne();
        assertThat(quota.addresses()).isZero();
        assertThat(quota.taken()).isZero();
    }

    @Test
    void serversWithoutALimitShareThatOfTheProcess() {
        ConnectionQuota process = new ConnectionQuota(null, 3, Integer.MAX_VALUE, 128, null);
        ConnectionQuota first = new ConnectionQuota(process, Integer.MAX_VALUE, Integer.MAX_VALUE, 64, null);
        ConnectionQuota second = new ConnectionQuota(process, Integer.MAX_VALUE, Integer.MAX_VALUE, 64, null);
        ConnectionQuota limited = new ConnectionQuota(process, 2, Integer.MAX_VALUE, 64, null);
        assertThat(limited.tryTake()).isTrue();
        assertThat(first.tryTake()).isTrue();
        assertThat(second.tryTake()).isTrue();
        assertThat(first.tryTake()).isFalse();
        assertThat(second.tryTake()).isFalse();
        assertThat(limited.tryTake()).as("its limit is its own").isTrue();
        assertThat(limited.tryTake()).isFalse();
        limited.giveBack(null);
        assertThat(first.tryTake()).as("the process has as many as it may have").isFalse();
        second.giveBack(null);
        assertThat(first.tryTake()).isTrue();
        assertThat(List.of(first.taken(), second.taken(), limited.taken(), process.taken()))
                .containsExactly(2, 0, 1, 3);
    }

    @Test
    void someDescriptorsAreLeftForOtherUses() {
        assertThat(ConnectionQuota.maxConnections(OptionalLong.of(1024))).isEqualTo(896);
        assertThat(ConnectionQuota.maxConnections(OptionalLong.of(256))).isEqualTo(192);
        assertThat(ConnectionQuota.maxConnections(OptionalLong.of(0))).isEqualTo(1);
        assertThat(ConnectionQuota.maxConnections(OptionalLong.of(Long.MAX_VALUE)))
                .isEqualTo(Integer.MAX_VALUE - 1);
        assertThat(ConnectionQuota.maxConnections(OptionalLong.empty()))
                .isEqualTo(ConnectionQuota.FALLBACK_CONNECTIONS);
    }

    private static InetSocketAddress at(String address) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(address), 1);
    }

    @Test
    void addressesOfOneIpv6NetworkAreOneAddress() throws IOException {
        KeyedRateLimiter<InetAddress> rate = RateLimiter.builder()
                .rate(1, Duration.ofHours(1))
                .burst(2)
                .nanoClock(() -> 0)
                .buildKeyed(100);
        ConnectionQuota quota = new ConnectionQuota(null, 10, 2, 64, rate);
        for (int i = 1; i <= 2; i++) {
            assertThat(quota.admits(at("2001:db8::" + i))).isTrue();
            assertThat(quota.tryTake(at("2001:db8::" + i))).isTrue();
        }
        assertThat(quota.tryTake(at("2001:db8::ffff:0:0:3"))).isFalse();
        assertThat(quota.admits(at("2001:db8::ffff:0:0:3"))).isFalse();
        assertThat(quota.refused()).isOne();
        assertThat(quota.tryTake(at("2001:db8:0:1::3"))).isTrue();
        assertThat(quota.admits(at("2001:db8:0:1::3"))).isTrue();
        assertThat(quota.tryTake(at("192.0.2.1"))).isTrue();
        assertThat(quota.tryTake(at("192.0.2.2"))).isTrue();
        assertThat(quota.addresses()).isEqualTo(4);

        ConnectionQuota finer = new ConnectionQuota(null, 10, 1, 60, null);
        assertThat(finer.tryTake(at("2001:db8:0:10::1"))).isTrue();
        assertThat(finer.tryTake(at("2001:db8:0:1f::1"))).isFalse();
        assertThat(finer.tryTake(at("2001:db8:0:20::1"))).isTrue();
        ConnectionQuota each = new ConnectionQuota(null, 10, 1, 128, null);
        assertThat(each.tryTake(at("2001:db8::1"))).isTrue();
        assertThat(each.tryTake(at("2001:db8::2"))).isTrue();
    }
}
