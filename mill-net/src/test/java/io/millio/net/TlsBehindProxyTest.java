package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.tls.Certificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A PROXY header, and TLS behind it. */
@SuppressWarnings("try")
class TlsBehindProxyTest {
    /** Holds what is written until the first read, so that the header and the client's hello are one segment. */
    private static final class Together extends Socket {
        private final Socket to;
        private final ByteArrayOutputStream held = new ByteArrayOutputStream();

        Together(Socket to, byte[] header) {
            this.to = to;
            held.writeBytes(header);
        }

        @Override
        public OutputStream getOutputStream() {
            return held;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            InputStream from = to.getInputStream();
            return new InputStream() {
                private void send() throws IOException {
                    to.getOutputStream().write(held.toByteArray());
                    held.reset();
                }

                @Override
                public int read() throws IOException {
                    send();
                    return from.read();
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    send();
                    return from.read(into, offset, length);
                }
            };
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public synchronized void close() throws IOException {
            to.getOutputStream().write(held.toByteArray());
            to.close();
        }
    }

    private static byte[] header(int version) {
        if (version == 1) {
            return "PROXY TCP4 192.0.2.7 127.0.0.1 4242 443\r\n".getBytes(StandardCharsets.US_ASCII);
        }
        return ByteBuffer.allocate(28)
                .put(new byte[] {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10, 0x21, 0x11, 0, 12})
                .put(new byte[] {(byte) 192, 0, 2, 7, 127, 0, 0, 1})
                .putShort((short) 4242)
                .putShort((short) 443)
                .array();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theClientIsNamedAheadOfTheHandshake(int version) throws Exception {
        List<String> remotes = new CopyOnWriteArrayList<>();
        List<RefusalListener.Reason> refused = new CopyOnWriteArrayList<>();
        try (TcpServer server = TcpServer.builder()
                .address("127.0.0.1", 0)
                .proxyProtocol("127.0.0.1")
                .tls(Certificates.server().build())
                .refusals((remote, why, failure) -> refused.add(why))
                .handler(new ConnectionHandler() {
                    @Override
                    public void onData(Connection from, ByteBuffer bytes) {
                        remotes.add(String.valueOf(from.remoteAddress()));
                        from.write(bytes);
                    }
                })
                .start()) {
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            for (boolean together : new boolean[] {true, false}) {
                Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
                if (!together) {
                    plain.getOutputStream().write(header(version));
                }
                Socket below = together ? new Together(plain, header(version)) : plain;
                try (SSLSocket socket = (SSLSocket) TlsPeersTest.platformContext()
                        .getSocketFactory()
                        .createSocket(below, "localhost", port, true)) {
                    socket.startHandshake();
                    socket.getOutputStream().write('x');
                    assertThat(socket.getInputStream().read()).isEqualTo('x');
                }
            }
            Socket withoutHeader = new Socket(InetAddress.getLoopbackAddress(), port);
            try (SSLSocket socket = (SSLSocket) TlsPeersTest.platformContext()
                    .getSocketFactory()
                    .createSocket(withoutHeader, "localhost", port, true)) {
                assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
            }
        }
        assertThat(remotes).hasSize(2).containsOnly("/192.0.2.7:4242");
        assertThat(refused).containsExactly(RefusalListener.Reason.PROXY_HEADER);
    }
}
