package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with peers that others wrote: OpenSSL, curl, and the platform's sockets. */
@SuppressWarnings("try")
class TlsPeersTest {
    private static final int MUCH = 1 << 20;

    @TempDir
    Path folder;

    private TcpServer echo(TlsContext tls) throws IOException {
        return TcpServer.builder()
                .address("127.0.0.1", 0)
                .tls(tls)
                .handler(new Recorder() {
                    @Override
                    public void onData(Connection from, ByteBuffer bytes) {
                        if (from.write(bytes) != WriteResult.CONTINUE) {
                            from.pauseReading();
                        }
                    }

                    @Override
                    public void onWritable(Connection to) {
                        to.resumeReading();
                    }
                })
                .start();
    }

    private static int port(TcpServer server) {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** Runs a command with some input; skips the test where the command is missing. */
    private byte[] run(byte[] input, String... command) throws Exception {
        assumeThere(command[0]);
        Path in = Files.write(folder.resolve("in"), input);
        Path out = folder.resolve("out");
        Process process = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS))
                .as(Arrays.toString(command))
                .isTrue();
        return Files.readAllBytes(out);
    }

    private static void assumeThere(String command) throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder(command, command.equals("openssl") ? "version" : "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            there = false;
        }
        Assumptions.assumeTrue(there, command + " is not installed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void openSslAsClientShowsItsCertificateAndResumes(String protocol) throws Exception {
        Path trusted = Certificates.writePem(Certificates.LOCAL, folder, "local");
        Path own = Certificates.writePem(Certificates.CLIENT, folder, "client");
        Path session = folder.resolve("session");
        TlsContext tls = TlsContext.server()
                .certificate(trusted, folder.resolve("local.key"))
                .trust(own)
                .clientCertificate(TlsContext.ClientCertificate.WANTED)
                .build();
        try (TcpServer server = TcpServer.builder()
                .address("127.0.0.1", 0)
                .tls(tls)
                .handler(new Recorder() {
                    @Override
                    public void onData(Connection from, ByteBuffer bytes) {
                        TlsInfo info = Objects.requireNonNull(from.tls());
                        if (bytes.get(bytes.limit() - 1) == '\n') {
                            String said =
                                    StandardCharsets.ISO_8859_1.decode(bytes).toString();
                            from.write(
                                    NetCase.bytes(said + info.peerCertificates().size()));
                            from.close();
                        }
                    }
                })
                .start()) {
            String at = "localhost:" + port(server);
            String[] base = {"openssl", "s_client", "-connect", at, "-quiet", "-verify_return_error", protocol};
            String[] trust = {"-CAfile", trusted.toString(), "-servername", "localhost"};
            byte[] hello = "hello\n".getBytes(StandardCharsets.ISO_8859_1);

            assertThat(new String(run(hello, with(base, trust)), StandardCharsets.ISO_8859_1))
                    .isEqualTo("hello\n0");
            String[] certificate = {
                "-cert", own.toString(), "-key", folder.resolve("client.key").toString()
            };
            assertThat(new String(run(hello, with(with(base, trust), certificate)), StandardCharsets.ISO_8859_1))
                    .isEqualTo("hello\n1");

            String[] full = {"openssl", "s_client", "-connect", at, "-ign_eof", protocol};
            run(hello, with(with(full, trust), "-sess_out", session.toString()));
            String said = new String(
                    run(hello, with(with(full, trust), "-sess_in", session.toString())), StandardCharsets.ISO_8859_1);
            assertThat(said).contains("Reused, TLSv1");
        }
    }

    private static String[] with(String[] first, String... more) {
        List<String> all = new ArrayList<>(Arrays.asList(first));
        all.addAll(Arrays.asList(more));
        return all.toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void openSslAsServerSendsAWholeFile(String protocol) throws Exception {
        assumeThere("openssl");
        Path trusted = Certificates.writePem(Certificates.LOCAL, folder, "local");
        byte[] content = NetCase.pattern(MUCH);
        Files.write(folder.resolve("file"), content);
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process server = new ProcessBuilder(
                        "openssl",
                        "s_server",
                        "-accept",
                        "" + port,
                        "-WWW",
                        protocol,
                        "-naccept",
                        "50",
                        "-cert",
                        trusted.toString(),
                        "-key",
                        folder.resolve("local.key").toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (TcpClient client =
                TcpClient.builder().tls(Certificates.client().build()).build()) {
            Recorder here = new Recorder();
            here.onOpen = connection -> connection.write(NetCase.bytes("GET /file HTTP/1.0\r\n\r\n"));
            until("it listens", () -> {
                here.callbacks.clear();
                try {
                    return client.connect("localhost", port, here).get() != null;
                } catch (Exception e) {
                    assertThat(server.isAlive()).isTrue();
                    return false;
                }
            });
            until("it has ended", here::isClosed);

            byte[] got = here.received.toByteArray();
            int head = new String(got, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
            NetCase.assertBytes(Arrays.copyOfRange(got, head, got.length), content);
            assertThat(here.cause).isEqualTo(CloseCause.PEER);
        } finally {
            server.destroy();
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void until(String what, Condition condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.holds()) {
            assertThat(System.nanoTime() - start)
                    .as("waited in vain until " + what)
                    .isLessThan(20_000_000_000L);
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--tlsv1.2", "--tlsv1.3"})
    void curlIsServed(String protocol) throws Exception {
        Path trusted = Certificates.writePem(Certificates.LOCAL, folder, "local");
        byte[] content = NetCase.pattern(MUCH);
        Recorder http = new Recorder();
        http.onData = (connection, bytes) -> {
            if (StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString().endsWith("\r\n\r\n")) {
                bytes.position(bytes.limit());
                connection.write(NetCase.bytes("HTTP/1.0 200 OK\r\n\r\n"));
                connection.write(ByteBuffer.wrap(content));
                connection.close();
            }
        };
        try (TcpServer server = TcpServer.builder()
                .address("127.0.0.1", 0)
                .tls(Certificates.server().build())
                .handler(http)
                .start()) {
            byte[] got = run(
                    new byte[0],
                    "curl",
                    "-sS",
                    "--http1.0",
                    protocol,
                    "--cacert",
                    trusted.toString(),
                    "https://localhost:" + port(server) + "/");
            NetCase.assertBytes(got, content);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theSocketOfThePlatformSendsAndReceivesAtOnce(String protocol) throws Exception {
        byte[] sent = NetCase.pattern(4 * MUCH);
        try (TcpServer server = echo(Certificates.server().build());
                SSLSocket socket =
                        (SSLSocket) platformContext().getSocketFactory().createSocket("127.0.0.1", port(server))) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.startHandshake();
            Thread writer = new Thread(() -> {
                try {
                    OutputStream to = socket.getOutputStream();
                    to.write(sent);
                    to.flush();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            writer.start();
            byte[] got = socket.getInputStream().readNBytes(sent.length);
            writer.join();
            NetCase.assertBytes(got, sent);
            socket.close();
            until("it has gone", () -> server.connections() == 0);
        }
    }

    @Test
    void aHalfClosedPeerStillGetsItsAnswer() throws Exception {
        byte[] sent = NetCase.pattern(MUCH);
        try (TcpServer server = echo(Certificates.server().build());
                SSLSocket socket =
                        (SSLSocket) platformContext().getSocketFactory().createSocket("127.0.0.1", port(server))) {
            socket.setEnabledProtocols(new String[] {"TLSv1.3"});
            socket.startHandshake();
            Thread reader = new Thread(() -> {
                try {
                    socket.getOutputStream().write(sent);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            reader.start();
            InputStream from = socket.getInputStream();
            NetCase.assertBytes(from.readAllBytes(), sent); // to the server's own end
            reader.join();
        }
    }

    static SSLContext platformContext() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("local", Certificates.LOCAL.chain().get(0));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void brokenHandshakesEndWithACauseAndHarmNothing(String protocol) throws Exception {
        List<RefusalListener.Reason> refused = new CopyOnWriteArrayList<>();
        try (TcpServer server = TcpServer.builder()
                .address("127.0.0.1", 0)
                .tls(Certificates.server().build())
                .refusals((remote, why, failure) -> refused.add(why))
                .handler(Recorder.echo())
                .start()) {
            byte[] recorded = recordedHandshake(protocol, server);
            int ended = 0;
            for (int i = 0; i < recorded.length; i++) {
                send(server, Arrays.copyOf(recorded, i));
                byte[] flipped = recorded.clone();
                flipped[i] ^= (byte) (1 << (i & 7));
                send(server, flipped);
                ended += 2;
            }
            Random random = new Random(1);
            for (int i = 0; i < 200; i++) {
                byte[] noise = new byte[1 + random.nextInt(600)];
                random.nextBytes(noise);
                send(server, noise);
                ended++;
            }
            int all = ended;
            until("all have ended", () -> refused.size() == all);

            assertThat(refused)
                    .containsOnly(
                            RefusalListener.Reason.PEER_CLOSED,
                            RefusalListener.Reason.TLS_FAILED,
                            RefusalListener.Reason.TRUNCATED);
            until("all are released", () -> server.connections() == 0);
            assertThat(server.loops().get(0).stats().errors()).isZero();
            assertThat(recordedHandshake(protocol, server)).isNotEmpty(); // and others are served still
        }
    }

    private static void send(TcpServer server, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(server))) {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
            // reset: it has ended, too
        }
    }

    /** What a client sends in a handshake that succeeds. */
    private static byte[] recordedHandshake(String protocol, TcpServer server) throws Exception {
        ByteArrayOutputStream recorded = new ByteArrayOutputStream();
        try (ServerSocket between = new ServerSocket(0);
                Socket to = new Socket(InetAddress.getLoopbackAddress(), port(server))) {
            Thread passing = new Thread(() -> {
                try (Socket from = between.accept()) {
                    Thread back = new Thread(() -> {
                        try {
                            to.getInputStream().transferTo(from.getOutputStream());
                        } catch (IOException e) {
                            // over
                        }
                    });
                    back.start();
                    byte[] some = new byte[4096];
                    for (int n; (n = from.getInputStream().read(some)) > 0; ) {
                        recorded.write(some, 0, n);
                        to.getOutputStream().write(some, 0, n);
                    }
                    to.shutdownOutput();
                    back.join();
                } catch (IOException | InterruptedException e) {
                    // over
                }
            });
            passing.start();
            try (SSLSocket client = (SSLSocket)
                    platformContext().getSocketFactory().createSocket("127.0.0.1", between.getLocalPort())) {
                client.setEnabledProtocols(new String[] {protocol});
                client.startHandshake();
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
                return recorded.toByteArray();
            } finally {
                between.close();
                to.close();
                passing.join();
            }
        }
    }
}
