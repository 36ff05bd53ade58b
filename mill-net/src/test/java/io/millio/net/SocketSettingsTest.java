package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Local addresses and socket options of clients and servers. */
class SocketSettingsTest {
    private static final int PORT = 80;

    private final SimNetwork network = SimNetwork.seeded(1);
    private final SimHost serverHost = network.host("server");
    private final SimHost clientHost = network.host("client");
    private final EventLoop serverLoop = serverHost.loop();
    private final EventLoop clientLoop = clientHost.loop();
    private final List<SocketAddress> clients = new ArrayList<>();

    @AfterEach
    void close() {
        network.close();
    }

    private void serve() throws IOException {
        TcpServer.builder()
                .loop(serverLoop)
                .address(serverHost.address(PORT))
                .handlers(connection -> {
                    clients.add(connection.remoteAddress());
                    return (same, bytes) -> {};
                })
                .start();
    }

    private TcpClientBuilder client() {
        return TcpClient.builder().loop(clientLoop);
    }

    private static CompletableFuture<Connection> connect(TcpClient client, SocketAddress to) {
        return client.connect(to, (connection, bytes) -> {});
    }

    @Test
    void aClientConnectsFromItsLocalAddress() throws IOException {
        serve();
        InetSocketAddress local = clientHost.address(4000);
        var connected = connect(client().localAddress(local).build(), serverHost.address(PORT));
        network.runUntil("both have it", () -> !clients.isEmpty() && connected.isDone());
        assertThat(clients).containsExactly(local);
        assertThat(connected.join().localAddress()).isEqualTo(local);
    }

    @Test
    void aClientConnectsToANameFromItsLocalAddress() throws IOException {
        serve();
        InetSocketAddress local = clientHost.address(4000);
        TcpClient client = client().localAddress(local).build();
        var unused = connect(client, InetSocketAddress.createUnresolved("server", PORT));
        network.runUntil("the server has it", () -> !clients.isEmpty());
        assertThat(clients).containsExactly(local);
    }

    @Test
    void aLocalAddressThatIsInUseFailsTheConnect() throws IOException {
        serve();
        TcpClient client = client().localAddress(clientHost.address(4000)).build();
        for (SocketAddress to : List.of(serverHost.address(PORT), InetSocketAddress.createUnresolved("server", PORT))) {
            var first = connect(client, to);
            var second = connect(client, to);
            network.runUntil("both have ended", () -> first.isDone() && second.isDone());
            assertThatThrownBy(second::join)
                    .hasCauseInstanceOf(BindException.class)
                    .hasMessageContaining("4000");
            first.join().abort();
            network.run();
        }
    }

    @Test
    void addressesOfAnotherFamilyThanTheLocalOneAreNotConnectedTo() throws IOException {
        serve();
        TcpClient client = client().localAddress(new InetSocketAddress(InetAddress.getByAddress(new byte[16]), 0))
                .build();
        for (SocketAddress to : List.of(serverHost.address(PORT), InetSocketAddress.createUnresolved("server", PORT))) {
            var connected = connect(client, to);
            network.runUntil("it has failed", connected::isDone);
            assertThatThrownBy(connected::join).hasMessageContainingAll("local", "family");
        }
        assertThat(clients).isEmpty();
    }

    @Test
    void aLocalAddressIsResolved() {
        TcpClientBuilder builder = client();
        assertThatThrownBy(() -> builder.localAddress(InetSocketAddress.createUnresolved("x", 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("address", "x");
    }

    @Test
    void optionsAreSetBeforeAClientConnects() throws IOException {
        serve();
        TcpClient client = client().socketOption(StandardSocketOptions.SO_KEEPALIVE, true)
                .socketOption(StandardSocketOptions.SO_LINGER, 7)
                .build();
        var connected = connect(client, serverHost.address(PORT));
        network.runUntil("it is connected", connected::isDone);
        StreamConnection connection = (StreamConnection) connected.join();
        assertThat(connection.stream().getOption(StandardSocketOptions.SO_KEEPALIVE))
                .isTrue();
        assertThat(connection.stream().getOption(StandardSocketOptions.SO_LINGER))
                .isEqualTo(7);
    }

    @Test
    void anOptionThatASocketDoesNotHaveFailsStartAndConnect() throws IOException {
        serve();
        TcpServerBuilder server = TcpServer.builder()
                .loop(serverLoop)
                .address(serverHost.address(PORT + 1))
                .handler((connection, bytes) -> {})
                .socketOption(StandardSocketOptions.IP_MULTICAST_TTL, 1);
        assertThatThrownBy(server::start).isInstanceOf(UnsupportedOperationException.class);
        TcpClient client =
                client().socketOption(StandardSocketOptions.IP_MULTICAST_TTL, 1).build();
        var connected = connect(client, serverHost.address(PORT));
        network.runUntil("it has failed", connected::isDone);
        assertThatThrownBy(connected::join)
                .hasCauseInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("IP_MULTICAST_TTL");
    }
}
