package io.millio.net;

import io.millio.EventLoop;
import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsContextBuilder;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A {@link NetSwarm} over TLS, of both versions, among clients that never finish the handshake: silent ones, and those
 * that send a part of it, a damaged one, or something else.
 */
final class TlsSwarm extends NetSwarm {
    private static final Duration LONG = Duration.ofHours(1);

    /** Lengths are part of what a seed decides; contents, which are random here, are not. */
    private static final TlsCertificate CERTIFICATE = Certificates.ofFixedLength();

    private static final SSLContext PLATFORM = platform();

    private final TlsContext serverTls;
    private final TlsContext newer = client("TLSv1.3");
    private final TlsContext older = client("TLSv1.2");
    private final List<RefusalListener.Reason> refused = new ArrayList<>();
    private final List<Rude> rude = new ArrayList<>();

    TlsSwarm(SimNetwork network) {
        super(network);
        TlsContextBuilder settings = TlsContext.server().certificates(List.of(CERTIFICATE));
        // Where nothing goes wrong the others are connected however long the rude ones stay.
        serverTls = settings.handshakeTimeout(
                        benign ? LONG.dividedBy(10) : Duration.ofMillis(500 + network.draw(60_000)))
                .build();
    }

    private static TlsContext client(String protocol) {
        return TlsContext.client()
                .trust(CERTIFICATE.chain())
                .serverName("a.example")
                .protocols(protocol)
                .handshakeTimeout(LONG)
                .build();
    }

    @Override
    void configure(TcpServerBuilder settings) {
        settings.tls(serverTls).refusals((remote, why, failure) -> refused.add(why));
    }

    @Override
    boolean configure(TcpClientBuilder settings) {
        boolean isNewer = network.draw(3) > 0;
        settings.tls(isNewer ? newer : older).connectTimeout(LONG);
        return isNewer; // before TLS 1.3 an end is that of both ways
    }

    @Override
    void startOthers() {
        for (int i = network.draw(4); i > 0; i--) {
            SimHost host = network.host("rude" + i);
            Rude client = new Rude(loop(host, true));
            rude.add(client);
            network.after(Duration.ofMillis(network.draw(300)), client::connect);
        }
    }

    @Override
    boolean areOthersOver() {
        return rude.stream().allMatch(client -> client.connectFailed || client.closes > 0);
    }

    @Override
    void checkOthers() {
        for (Rude client : rude) {
            Connection known = client.connection;
            CheckedHandler.require(client.connectFailed || client.closes == 1, "a rude client has not ended once");
            CheckedHandler.require(
                    known == null || !echoes.containsKey(known.localAddress()), "opened without a handshake");
        }
        // None is refused twice, or both refused and opened. One that has reset may never be accepted.
        int most = benign ? rude.size() : rude.size() + clients.size() - echoes.size();
        long least = benign ? rude.stream().filter(client -> !client.aborts).count() : 0;
        CheckedHandler.require(
                refused.size() >= least && refused.size() <= most,
                "refused: " + refused + ", of " + rude.size() + " rude clients and " + clients.size() + " others");
    }

    private static SSLContext platform() {
        try {
            return TlsPeersTest.platformContext();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a client says first, by the platform's engine. */
    static byte[] hello() {
        try {
            SSLEngine engine = PLATFORM.createSSLEngine();
            engine.setUseClientMode(true);
            engine.beginHandshake();
            ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), out);
            return Arrays.copyOf(out.array(), out.position());
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
    }

    private final class Rude extends CheckedHandler {
        private final EventLoop loop;
        private boolean connectFailed;
        private boolean aborts;
        private @Nullable Connection connection;

        Rude(EventLoop loop) {
            this.loop = loop;
        }

        void connect() {
            // A close that gives up resets, and a connection that was reset may never be accepted.
            TcpClient client = TcpClient.builder()
                    .loop(loop)
                    .connectTimeout(LONG)
                    .options(ConnectionOptions.DEFAULT
                            .withCloseTimeout(LONG)
                            .withMaxCloseTime(LONG)
                            .withWriteStallTimeout(LONG))
                    .build();
            CompletableFuture<Void> unused = client.connect(serverHost.address(80), this)
                    .handle((made, failure) -> {
                        connectFailed = failure != null;
                        return null;
                    });
        }

        private byte[] words() {
            byte[] words = hello();
            switch (network.draw(4)) {
                case 0 -> {
                    return new byte[0];
                }
                case 1 -> {
                    return Arrays.copyOf(words, 1 + network.draw(words.length - 1));
                }
                case 2 -> {
                    for (int i = 1 + network.draw(4); i > 0; i--) {
                        words[network.draw(words.length)] ^= (byte) (1 << network.draw(8));
                    }
                }
                default -> {
                    words = new byte[1 + network.draw(2_000)];
                    for (int i = 0; i < words.length; i++) {
                        words[i] = (byte) network.draw(256);
                    }
                }
            }
            return words;
        }

        @Override
        void opened(Connection opened) {
            connection = opened;
            opened.write(ByteBuffer.wrap(words()));
            Duration later = Duration.ofMillis(network.draw(500));
            switch (network.draw(4)) {
                case 0 -> loop.schedule(later, opened::close);
                case 1 -> {
                    aborts = true;
                    loop.schedule(later, opened::abort);
                }
                case 2 ->
                    loop.schedule(later, () -> {
                        if (opened.isOpen()) {
                            opened.shutdownOutput();
                        }
                    });
                default -> {} // stays until the server ends it
            }
        }

        @Override
        void data(Connection from, ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }
    }
}
