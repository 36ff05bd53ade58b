package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.limit.RateLimiter;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server behind a proxy that says who the client is. */
@SuppressWarnings("try")
class ProxyProtocolTest extends NetCase {
    private final Recorder there = tracked(Recorder.echo());

    @BeforeEach
    void plainOnly() {
        needsPlain();
        there.onData = (connection, bytes) -> {
            there.takeAll(connection, bytes.duplicate());
            connection.write(bytes);
        };
    }

    private TcpServer behind(String trusted) throws Exception {
        return start(serverBuilder().proxyProtocol(trusted).handler(there));
    }

    private SocketChannel send(String... parts) throws Exception {
        SocketChannel proxy = SocketChannel.open(address());
        for (String part : parts) {
            proxy.write(bytes(part));
            venue.settle();
        }
        return proxy;
    }

    @Test
    void theRemoteAddressIsTheClients() throws Exception {
        behind("127.0.0.0/8");
        try (SocketChannel proxy = send("PROXY TCP4 192.0.2.7 127.0.0.1 4242 80\r\nhello")) {
            venue.until("the data is delivered", () -> there.text().equals("hello"));
            assertThat(there.connection().remoteAddress()).isEqualTo(new InetSocketAddress("192.0.2.7", 4242));
            ByteBuffer echo = ByteBuffer.allocate(5);
            proxy.read(echo);
            assertThat(echo.flip()).isEqualTo(bytes("hello"));
        }
        venue.until("closed", there::isClosed);
    }

    @Test
    void aHeaderMayComeByteByByteAndDataLater() throws Exception {
        behind("127.0.0.1");
        try (SocketChannel proxy = send("PROXY TCP4 192.0.2.7 127.0.0.1 4242 80\r\n".split(""))) {
            venue.until("open", () -> there.connection != null);
            proxy.write(bytes("later"));
            venue.until("the data is delivered", () -> there.text().equals("later"));
        }
        venue.until("closed", there::isClosed);
    }

    @Test
    void aConnectionFromElsewhereIsRefusedUnread() throws Exception {
        behind("192.0.2.0/24");
        try (SocketChannel unused = send("PROXY TCP4 192.0.2.7 127.0.0.1 4242 80\r\n")) {
            venue.until("refused", () -> !refused.isEmpty());
        }
        assertThat(refused).containsExactly(RefusalListener.Reason.PROXY_HEADER);
        assertThat(there.callbacks).isEmpty();
    }

    @Test
    void whatIsNoHeaderIsRefused() throws Exception {
        behind("127.0.0.1");
        try (SocketChannel unused = send("GET / HTTP/1.1\r\n\r\n")) {
            venue.until("refused", () -> !refused.isEmpty());
        }
        assertThat(refused).containsExactly(RefusalListener.Reason.PROXY_HEADER);
    }

    @Test
    void whoConnectsAndResetsWithoutAByteIsAPeerThatHasGone() throws Exception {
        TcpServer server = behind("127.0.0.1");
        try (SocketChannel check = send()) {
            venue.until("accepted", () -> server.connections() == 1);
            check.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        venue.until("refused", () -> !refused.isEmpty());
        assertThat(refused).containsExactly(RefusalListener.Reason.PEER_CLOSED);
    }

    @Test
    void aHeaderThatDoesNotComeIsATimeout() throws Exception {
        behind("127.0.0.1");
        try (SocketChannel unused = send("PROX")) {
            venue.advance(Duration.ofSeconds(11));
            venue.until("refused", () -> !refused.isEmpty());
        }
        assertThat(refused).containsExactly(RefusalListener.Reason.HANDSHAKE_TIMEOUT);
    }

    @Test
    void limitsPerAddressGoByTheClient() throws Exception {
        TcpServer server = start(serverBuilder()
                .proxyProtocol("127.0.0.1")
                .maxConnectionsPerAddress(1)
                .handlers(connection -> tracked(new Recorder())));
        try (SocketChannel first = send("PROXY TCP4 192.0.2.7 127.0.0.1 1 80\r\n");
                SocketChannel other = send("PROXY TCP4 192.0.2.8 127.0.0.1 1 80\r\n");
                SocketChannel second = send("PROXY TCP4 192.0.2.7 127.0.0.1 2 80\r\n")) {
            venue.until("the second of one client is refused", () -> !refused.isEmpty());
            assertThat(server.connections()).isEqualTo(2);
            first.close();
            venue.until("its place is free", () -> server.connections() == 1);
            try (SocketChannel third = send("PROXY TCP4 192.0.2.7 127.0.0.1 3 80\r\n")) {
                venue.until("it is there", () -> server.connections() == 2);
                assertThat(third.isOpen() && second.isOpen() && other.isOpen()).isTrue();
            }
        }
        assertThat(refused).containsExactly(RefusalListener.Reason.ADDRESS_LIMIT);
        venue.until("all have gone", () -> server.connections() == 0);
    }

    @Test
    void theRateOfAnAddressGoesByTheClient() throws Exception {
        TcpServer server = start(serverBuilder()
                .proxyProtocol("127.0.0.1")
                .acceptLimitPerAddress(RateLimiter.builder()
                        .rate(1, Duration.ofHours(1))
                        .burst(1)
                        .buildKeyed(100))
                .handlers(connection -> tracked(new Recorder())));
        try (SocketChannel first = send("PROXY TCP6 2001:db8::7 ::1 1 80\r\n");
                SocketChannel other = send("PROXY TCP6 2001:db8:0:1::7 ::1 1 80\r\n");
                SocketChannel second = send("PROXY TCP6 2001:db8::8 ::1 2 80\r\n")) {
            venue.until("the second of one network is refused", () -> !refused.isEmpty());
            assertThat(first.isOpen() && second.isOpen() && other.isOpen()).isTrue();
            assertThat(server.connections()).isEqualTo(2);
            assertThat(server.acceptsRefused()).isOne();
        }
        assertThat(refused).containsExactly(RefusalListener.Reason.ADDRESS_LIMIT);
        venue.until("all have gone", () -> server.connections() == 0);
    }
}
