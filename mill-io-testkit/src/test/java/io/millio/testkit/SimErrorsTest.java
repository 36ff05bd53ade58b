package io.millio.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.LoopError;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a test is not to miss: callbacks that throw, loops that nothing drives, names. */
class SimErrorsTest {
    private static EventLoop throwing(SimNetwork network, Exception thrown) throws IOException {
        SimHost server = network.host("server");
        EventLoop loop = server.loop();
        TcpListener listener = loop.openListener(server.address(7));
        loop.register(listener, Interest.READABLE, event -> {
            throw thrown;
        });
        return loop;
    }

    @Test
    void anExceptionOfACallbackFailsTheTest() throws IOException {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            throwing(network, new IllegalStateException("on purpose"));
            assertThatThrownBy(() -> network.host("client")
                            .connect(network.host("server").address(7))
                            .expectEnd())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("on purpose")
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void exceptionsAreAllowedWhereTheTestSaysSo() throws IOException {
        try (SimNetwork network = SimNetwork.seeded(1).allowErrors()) {
            throwing(network, new IllegalStateException("on purpose"));
            network.host("client").connect(network.host("server").address(7));
            network.runUntil("it is reported", () -> !network.errors().isEmpty());
            assertThat(network.errors())
                    .extracting(LoopError::cause)
                    .hasOnlyElementsOfType(IllegalStateException.class);
        }
    }

    @Test
    void anIoExceptionIsTheNetworksAndOnlyReported() throws IOException {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            throwing(network, new IOException("reset"));
            network.host("client").connect(network.host("server").address(7));
            network.runUntil("it is reported", () -> !network.errors().isEmpty());
            assertThat(network.errors().get(0).cause()).hasMessage("reset");
        }
    }

    @Test
    void aFailedTaskAndTimerFailTheTest() {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            EventLoop loop = network.host("a").loop();
            loop.execute(() -> {
                throw new IllegalStateException("task");
            });
            assertThatThrownBy(network::run).hasMessageContaining("task");
            loop.schedule(Duration.ofSeconds(1), () -> {
                throw new IllegalStateException("timer");
            });
            assertThatThrownBy(network::run).hasMessageContaining("timer");
        }
    }

    @Test
    void aLoopThatNothingDrivesIsNamed() throws IOException {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            SimHost server = network.host("server");
            EventLoop own = EventLoop.builder().direct().transport(server).build();
            TcpListener listener = own.openListener(server.address(7));
            own.register(listener, Interest.READABLE, event -> listener.accept());
            ScriptedPeer peer = network.host("client").connect(server.address(7));
            assertThatThrownBy(() -> peer.expect("x"))
                    .hasMessageContaining("A loop on [server] was never driven")
                    .hasMessageContaining("SimHost.loop");
            own.close();
        }
    }

    @Test
    void theNetworkResolvesItsHosts() {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            InetAddress server = network.host("server").inetAddress();
            assertThat(network.host("client").loop().resolver()).isNotNull();
            assertThat(network.resolver().resolve("server").join()).containsExactly(server);
            assertThat(network.resolver().resolve("localhost").join())
                    .containsExactly(InetAddress.getLoopbackAddress());
            assertThat(network.resolver().resolve("10.0.0.9").join())
                    .extracting(InetAddress::getHostAddress)
                    .containsExactly("10.0.0.9");
            CompletableFuture<List<InetAddress>> unknown = network.resolver().resolve("elsewhere");
            assertThatThrownBy(unknown::join)
                    .hasCauseInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("which has [server, client]");
        }
    }

    @Seeds(5)
    void aGroupOfLoopsIsDriven(SimNetwork network) {
        int[] ran = {0};
        var group = network.host("a").group(3);
        group.loops().forEach(loop -> loop.execute(() -> ran[0]++));
        network.run();
        assertThat(ran[0]).isEqualTo(3);
        group.close();
        network.run();
        network.assertNothingLeaked();
    }
}
