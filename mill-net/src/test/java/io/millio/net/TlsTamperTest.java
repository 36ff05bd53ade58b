package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A man in the middle who changes or truncates the bytes of the server at every position of a handshake. */
@Tag("once")
@SuppressWarnings("try")
class TlsTamperTest {
    /**
     * Passes one connection at a time on, up to a place; there it changes a bit, or not, and ends the server's side.
     */
    private static final class Between implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final int to;
        private final Thread thread = new Thread(this::run);

        // Set before the client connects, and read after that.
        private volatile int place = Integer.MAX_VALUE;
        private volatile int flip;
        private volatile int passed;
        private volatile int atHello;
        private volatile boolean inVersion;

        // Of the thread.
        private int headRead;
        private int left;

        Between(TcpServer server) throws IOException {
            to = ((InetSocketAddress) server.localAddress()).getPort();
            thread.start();
        }

        int port() {
            return listener.getLocalPort();
        }

        private void run() {
            while (!listener.isClosed()) {
                try (Socket client = listener.accept();
                        Socket server = new Socket(InetAddress.getLoopbackAddress(), to)) {
                    client.setTcpNoDelay(true);
                    headRead = 0;
                    left = 0;
                    Thread forth = new Thread(() -> pass(client, server));
                    forth.start();
                    harm(server.getInputStream(), client.getOutputStream(), place, flip);
                    client.shutdownOutput();
                    forth.join();
                } catch (IOException | InterruptedException e) {
                    // one side has gone, or all is over
                }
            }
        }

        private static void pass(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
                to.shutdownOutput();
            } catch (IOException e) {
                // over
            }
        }

        private void harm(InputStream from, OutputStream to, int place, int flip) throws IOException {
            byte[] some = new byte[8192];
            int before = 0;
            for (int n; (n = from.read(some)) > 0; before += n) {
                int at = place - before;
                follow(some, Math.min(n, at));
                if (at < n) {
                    inVersion = headRead == 1 || headRead == 2;
                    some[at] ^= (byte) flip;
                    to.write(some, 0, flip == 0 ? at : n);
                    return;
                }
                passed = before + n;
                to.write(some, 0, n);
            }
        }

        /** Keeps track of the records, each a head of five bytes (kind, version, length) and what is in it. */
        private void follow(byte[] bytes, int count) {
            for (int i = 0; i < count; i++) {
                if (headRead < 5) {
                    left = headRead < 3 ? 0 : left << 8 | (bytes[i] & 0xff);
                    headRead++;
                } else {
                    left--;
                }
                headRead = headRead == 5 && left == 0 ? 0 : headRead;
            }
        }

        @Override
        public void close() throws Exception {
            listener.close();
            thread.join();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientNoticesEveryChangeAndEveryCut(String protocol) throws Exception {
        try (TcpServer server = TcpServer.builder()
                        .address("127.0.0.1", 0)
                        .tls(Certificates.server().build())
                        .refusals((remote, why, failure) -> {})
                        .handler(new ConnectionHandler() {
                            @Override
                            public void onData(Connection from, ByteBuffer bytes) {
                                from.write(bytes);
                            }
                        })
                        .start();
                Between between = new Between(server);
                EventLoop loop = EventLoop.builder().direct().build()) {
            loop.start();
            assertThat(outcome(protocol, loop, between)).isEqualTo("hello");
            int handshake = between.atHello - 4; // as signatures differ in length, by a few bytes
            for (int place = 0; place < handshake; place++) {
                between.place = place;
                between.flip = place % 8 == 0 ? 0 : 1 << (place & 7);
                String outcome = outcome(protocol, loop, between);
                // The version in the head of an encrypted record is not looked at: a change of it does no harm.
                boolean harmless = between.flip != 0 && between.inVersion;
                assertThat(outcome)
                        .as("place " + place + " of " + handshake)
                        .matches(harmless ? "ended.*|hello" : "ended.*");
            }
            between.place = Integer.MAX_VALUE;
            assertThat(outcome(protocol, loop, between)).isEqualTo("hello");
            assertThat(loop.stats().errors()).isZero();
            assertThat(server.loops().get(0).stats().errors()).isZero();
        }
    }

    /** What comes back of a hello, or that and how it has ended. */
    private static String outcome(String protocol, EventLoop loop, Between between) throws Exception {
        TlsContext fresh = Certificates.client().protocols(protocol).build(); // which has no session to resume
        Recorder here = new Recorder();
        CompletableFuture<String> outcome = new CompletableFuture<>();
        here.onOpen = connection -> connection.write(NetCase.bytes("hello"));
        here.onData = (connection, bytes) -> {
            here.takeAll(connection, bytes);
            if (here.text().equals("hello")) {
                between.atHello = between.passed; // before the close adds its own
                outcome.complete("hello");
                connection.close();
            }
        };
        here.onClose = connection -> outcome.complete("ended, " + here.cause);
        try (TcpClient client = TcpClient.builder().loop(loop).tls(fresh).build()) {
            client.connect("127.0.0.1", between.port(), here).get(20, TimeUnit.SECONDS);
            return outcome.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return "ended, " + e.getCause();
        }
    }
}
