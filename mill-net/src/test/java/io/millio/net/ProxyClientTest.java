package io.millio.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.net.proxy.ProxyHeader;
import io.millio.net.tls.Certificates;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A client that sends a PROXY header, to a server that expects one; over plain connections and over TLS. */
@SuppressWarnings("try")
class ProxyClientTest extends NetCase {
    private static final SocketAddress SOURCE = new InetSocketAddress("192.0.2.7", 4242);
    private static final SocketAddress DESTINATION = new InetSocketAddress("198.51.100.1", 443);
    private static final ProxyHeader HEADER = ProxyHeader.of(SOURCE, DESTINATION)
            .withTlv(ProxyHeader.AUTHORITY, "example.org".getBytes(UTF_8))
            .withChecksum();

    private final Recorder server = Recorder.echo();
    private final Recorder client = new Recorder();

    private void serve() throws Exception {
        start(serverBuilder().proxyProtocol("127.0.0.1").handler(tracked(server)));
    }

    private Connection connected(@Nullable ProxyHeader header, TcpClient by) {
        CompletableFuture<Connection> connecting = header == null
                ? by.connect(address(), tracked(client))
                : by.connect(address(), venue.clientLoop(), header, tracked(client));
        venue.until("connected", () -> connecting.isDone() && server.connection != null);
        return connecting.join();
    }

    private TcpClientBuilder clientBuilder() {
        TcpClientBuilder builder = TcpClient.builder().loop(venue.clientLoop()).options(options);
        return clientTls == null ? builder : builder.tls(clientTls);
    }

    private void echoAndClose(Connection connection) {
        connection.write(bytes("hello"));
        venue.until("echoed", () -> client.text().equals("hello"));
        connection.close();
        venue.until("closed", () -> client.isClosed() && server.isClosed());
    }

    @Test
    void theHeaderOfACallNamesTheClientToTheServer() throws Exception {
        serve();
        checkNamed(HEADER);
    }

    @Test
    void aHeaderOfVersion1DoesTheSame() throws Exception {
        serve();
        checkNamed(HEADER.withVersion(1));
    }

    private void checkNamed(ProxyHeader header) {
        Connection connection = connected(header, client());
        assertThat(connection.proxyHeader()).isEqualTo(header);
        assertThat(connection.remoteAddress()).isEqualTo(address());
        Connection accepted = server.connection();
        assertThat(accepted.proxyHeader()).isEqualTo(header);
        assertThat(accepted.remoteAddress()).isEqualTo(SOURCE);
        echoAndClose(connection);
    }

    @Test
    void theSettingsOfAClientMakeAHeaderByTheAddressesOfTheConnection() throws Exception {
        serve();
        try (TcpClient self = clientBuilder()
                .proxyHeader(connection -> ProxyHeader.of(connection.localAddress(), connection.remoteAddress()))
                .build()) {
            Connection connection = connected(null, self);
            ProxyHeader received = server.connection().proxyHeader();
            assertThat(received)
                    .isEqualTo(ProxyHeader.of(connection.localAddress(), address()))
                    .isEqualTo(connection.proxyHeader());
            assertThat(server.connection().remoteAddress()).isEqualTo(connection.localAddress());
            echoAndClose(connection);
        }
    }

    @Test
    void aProxyThatSpeaksForItselfKeepsItsAddress() throws Exception {
        serve();
        Connection connection = connected(ProxyHeader.local(), client());
        assertThat(server.connection().remoteAddress()).isEqualTo(connection.localAddress());
        assertThat(server.connection().proxyHeader()).isEqualTo(ProxyHeader.local());
        echoAndClose(connection);
    }

    @Test
    void withoutTheProtocolThereIsNoHeader() throws Exception {
        serve(server);
        Connection connection = connect(client);
        venue.until("accepted", () -> server.connection != null);
        assertThat(connection.proxyHeader()).isNull();
        assertThat(server.connection().proxyHeader()).isNull();
        echoAndClose(connection);
    }

    @Test
    void aFunctionThatThrowsFailsTheConnect() throws Exception {
        serve();
        IllegalStateException thrown = new IllegalStateException("no client is known");
        try (TcpClient self = clientBuilder()
                .proxyHeader(connection -> {
                    throw thrown;
                })
                .build()) {
            CompletableFuture<Connection> connecting = self.connect(address(), tracked(client));
            venue.until("failed", connecting::isDone);
            assertThat(failureOf(connecting)).isSameAs(thrown);
        }
        venue.until("the server has seen the end", () -> !refused.isEmpty());
        assertThat(refused).containsExactly(RefusalListener.Reason.PEER_CLOSED);
        assertThat(client.callbacks).isEmpty();
    }

    @Test
    void badTlvsAreRefusedWithAddressAndReason() throws Exception {
        needsPlain();
        List<String> reasons = new ArrayList<>();
        start(serverBuilder()
                .proxyProtocol("127.0.0.1")
                .refusals((remote, why, failure) -> {
                    refused.add(why);
                    reasons.add(remote + ", " + (failure == null ? "" : failure.getMessage()));
                })
                .handler(tracked(server)));
        Connection connection = connect(client);
        SocketAddress local = connection.localAddress();
        ByteBuffer bad = ByteBuffer.wrap(HEADER.toBytes());
        bad.put(bad.limit() - 1, (byte) ~bad.get(bad.limit() - 1));
        connection.write(bad);
        venue.until("refused", () -> !refused.isEmpty() && client.isClosed());
        assertThat(refused).containsExactly(RefusalListener.Reason.PROXY_HEADER);
        assertThat(reasons.get(0)).startsWith(local + ", PROXY protocol: a checksum of 0x");
        assertThat(server.callbacks).isEmpty();
    }

    /**
     * On a simulated network of which each way takes one byte at a time, or with TLS a few: the two sides of its
     * handshake write at once.
     */
    @Test
    void theHeaderPassesByteByByte() throws Exception {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            network.links().window(kind.isEncrypted() ? 16 : 1).shortReads(0.5);
            SimHost host = network.host("server");
            EventLoop serverLoop = host.loop();
            EventLoop clientLoop = network.host("client").loop();
            TcpServerBuilder serving = TcpServer.builder()
                    .address(host.address(7))
                    .loop(serverLoop)
                    .proxyProtocol("0.0.0.0/0", "::/0")
                    .handler(server);
            TcpClientBuilder asking = TcpClient.builder().loop(clientLoop);
            if (kind.isEncrypted()) {
                serving.tls(Certificates.server().taskExecutor(Runnable::run).build());
                asking.tls(Certificates.client()
                        .serverName("localhost")
                        .protocols(kind.protocol())
                        .taskExecutor(Runnable::run)
                        .build());
            }
            TcpServer started = serving.start();
            client.onOpen = connection -> connection.write(bytes("hello"));
            try (TcpClient by = asking.build()) {
                CompletableFuture<Connection> connecting = by.connect(host.address(7), clientLoop, HEADER, client);
                network.runUntil("echoed", () -> client.text().equals("hello"));
                assertThat(server.connection().proxyHeader()).isEqualTo(HEADER);
                assertThat(server.connection().remoteAddress()).isEqualTo(SOURCE);
                connecting.join().close();
                network.runUntil("closed", () -> client.isClosed() && server.isClosed());
            }
            started.close();
            serverLoop.close();
            clientLoop.close();
            network.run();
            network.assertNothingLeaked();
        }
    }
}
