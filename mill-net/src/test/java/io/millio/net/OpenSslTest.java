package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.frame.FrameDecoder;
import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only OpenSSL's own programs can be asked to do. */
@SuppressWarnings("try")
class OpenSslTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void needsOpenSsl() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("openssl", "version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            there = false;
        }
        Assumptions.assumeTrue(there, "openssl is not installed");
    }

    private static TcpServer echo(TlsContext tls, List<RefusalListener.Reason> refused) throws IOException {
        return TcpServer.builder()
                .address("127.0.0.1", 0)
                .tls(tls)
                .refusals((remote, why, failure) -> refused.add(why))
                .handler(new ConnectionHandler() {
                    @Override
                    public void onData(Connection from, ByteBuffer bytes) {
                        from.write(bytes);
                    }
                })
                .start();
    }

    /** An {@code s_client} that is spoken with through its standard input and output. */
    private static final class Client implements AutoCloseable {
        private final Process process;
        private final StringBuilder said = new StringBuilder();

        Client(TcpServer server, String... options) throws IOException {
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port));
            command.addAll(Arrays.asList(options));
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        }

        void say(String line) throws IOException {
            OutputStream to = process.getOutputStream();
            to.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            to.flush();
        }

        void awaits(String expected) throws IOException {
            InputStream from = process.getInputStream();
            byte[] some = new byte[8192];
            while (said.indexOf(expected) < 0) {
                int n = from.read(some);
                assertThat(n)
                        .as("it ended without: " + expected + ", but with: " + said)
                        .isPositive();
                said.append(new String(some, 0, n, StandardCharsets.ISO_8859_1));
            }
            said.delete(0, said.indexOf(expected) + expected.length());
        }

        String rest() throws Exception {
            process.getOutputStream().close();
            String rest = said + new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            return rest;
        }

        @Override
        public void close() {
            process.destroy();
        }
    }

    @Test
    void keyUpdatesOfThePeerAreAnswered() throws Exception {
        List<RefusalListener.Reason> refused = new CopyOnWriteArrayList<>();
        try (TcpServer server = echo(Certificates.server().build(), refused);
                Client client = new Client(server, "-tls1_3")) {
            client.awaits("---\n");
            for (String command : List.of("k", "K", "K", "k")) {
                client.say("before " + command);
                client.awaits("before " + command);
                client.say(command);
                client.awaits("KEYUPDATE");
            }
            client.say("and after all");
            client.awaits("and after all");
            assertThat(server.connections()).isEqualTo(1);
        }
        assertThat(refused).isEmpty();
    }

    /** As much of SMTP as the client says before it asks for TLS (RFC 3207). */
    private static final class Smtp implements ConnectionHandler {
        private static final FrameDecoder LINES = FrameDecoder.lines(1_000);

        private final TlsContext tls;
        final List<String> commands = new CopyOnWriteArrayList<>();

        Smtp(TlsContext tls) {
            this.tls = tls;
        }

        private static void answer(Connection to, String line) {
            to.write(ByteBuffer.wrap((line + "\r\n").getBytes(StandardCharsets.US_ASCII)));
        }

        @Override
        public void onOpen(Connection connection) {
            answer(connection, "220 ready");
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) throws Exception {
            LINES.decode(connection, bytes, (from, line) -> {
                String command = StandardCharsets.US_ASCII.decode(line).toString();
                commands.add(command);
                if (command.startsWith("EHLO")) {
                    answer(from, "250-here\r\n250 STARTTLS");
                } else if (command.equals("STARTTLS")) {
                    answer(from, "220 go ahead");
                    from.startTls(StartTls.server(tls), (encrypted, data) -> encrypted.write(data));
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void tlsBeginsInTheMiddleOfSmtp(String protocol) throws Exception {
        Smtp smtp = new Smtp(Certificates.server().build());
        try (TcpServer server = TcpServer.builder()
                        .address("127.0.0.1", 0)
                        .handler(smtp)
                        .start();
                Client client = new Client(server, protocol, "-starttls", "smtp")) {
            client.say("over tls");
            client.awaits("over tls");
        }
        assertThat(smtp.commands).hasSize(2).endsWith("STARTTLS");
    }

    @Test
    void aSecondHandshakeIsRefused() throws Exception {
        List<RefusalListener.Reason> refused = new CopyOnWriteArrayList<>();
        try (TcpServer server = echo(Certificates.server().build(), refused);
                Client client = new Client(server, "-tls1_2")) {
            client.awaits("---\n");
            client.say("before");
            client.awaits("before");
            client.say("R");
            client.awaits("RENEGOTIATING");

            assertThat(client.rest()).doesNotContain("verify return:1\n---");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void ofClientsWithoutTicketsAsManySessionsAreRememberedAsIsSet(String protocol) throws Exception {
        TlsContext tls = Certificates.server().sessionCacheSize(2).build();
        try (TcpServer server = echo(tls, new CopyOnWriteArrayList<>())) {
            for (int i = 0; i < 4; i++) {
                try (Client client = new Client(server, protocol, "-no_ticket")) {
                    client.say("hello");
                    client.awaits("hello");
                }
            }
            assertThat(Collections.list(Certificates.sessions(tls).getIds()))
                    .hasSize(protocol.equals("-tls1_2") ? 2 : 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void eachNameHasItsCertificate(String protocol) throws Exception {
        TlsContext tls = TlsContext.server()
                .certificates(List.of(Certificates.LOCAL, Certificates.RSA, Certificates.WILDCARD))
                .build();
        try (TcpServer server = echo(tls, new CopyOnWriteArrayList<>())) {
            for (String[] each : new String[][] {
                {"a.example", "CN = a"}, {"any.b.example", "CN = b"}, {"c.example", "CN = localhost"}
            }) {
                try (Client client = new Client(server, protocol, "-servername", each[0])) {
                    client.awaits("subject=" + each[1] + "\n");
                }
            }
            try (Client client = new Client(server, protocol, "-noservername")) {
                client.awaits("subject=CN = localhost\n");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void aClientWithTheWrongCertificateIsRefused(String protocol) throws Exception {
        List<RefusalListener.Reason> refused = new CopyOnWriteArrayList<>();
        TlsContext tls = Certificates.server()
                .trust(Certificates.RSA.chain())
                .clientCertificate(TlsContext.ClientCertificate.REQUIRED)
                .build();
        Path own = Certificates.writePem(Certificates.CLIENT, folder, "client");
        try (TcpServer server = echo(tls, refused);
                Client client = new Client(
                        server,
                        protocol,
                        "-ign_eof",
                        "-cert",
                        own.toString(),
                        "-key",
                        folder.resolve("client.key").toString())) {
            assertThat(client.rest()).contains("alert");
            // The client may see the alert before the server has released the connection, which is reported last.
            NetCase.eventually("the refusal is reported", () -> !refused.isEmpty());
            assertThat(server.connections()).isZero();
        }
        assertThat(refused).containsExactly(RefusalListener.Reason.TLS_FAILED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void asAServerItSeesOurCertificateAndResumes(String protocol) throws Exception {
        Path trusted = Certificates.writePem(Certificates.LOCAL, folder, "local");
        Path own = Certificates.writePem(Certificates.CLIENT, folder, "client");
        Process server = new ProcessBuilder(
                        "openssl",
                        "s_server",
                        "-accept",
                        "127.0.0.1:0",
                        "-www",
                        protocol,
                        "-Verify",
                        "1",
                        "-verify_return_error",
                        "-CAfile",
                        own.toString(),
                        "-cert",
                        trusted.toString(),
                        "-key",
                        folder.resolve("local.key").toString())
                .redirectErrorStream(true)
                .start();
        TlsContext tls = TlsContext.client()
                .trust(Certificates.LOCAL.chain())
                .certificates(List.of(Certificates.CLIENT))
                .build();
        try (TcpClient client = TcpClient.builder().tls(tls).build()) {
            int port = portOf(server);
            String first = page(client, port);
            assertThat(first).contains("New, TLSv1").contains("CN=client");
            assertThat(page(client, port)).contains("Reused, TLSv1");
        } finally {
            server.destroy();
        }
    }

    /** From its line {@code ACCEPT 127.0.0.1:port}. */
    private static int portOf(Process server) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c; (c = server.getInputStream().read()) >= 0; ) {
            if (c != '\n') {
                line.append((char) c);
            } else if (line.toString().startsWith("ACCEPT ")) {
                return Integer.parseInt(
                        line.substring(line.lastIndexOf(":") + 1).strip());
            } else {
                line.setLength(0);
            }
        }
        throw new IOException("it ended");
    }

    private static String page(TcpClient client, int port) throws Exception {
        Recorder here = new Recorder();
        here.onOpen = connection -> connection.write(NetCase.bytes("GET / HTTP/1.0\r\n\r\n"));
        Connection connection = client.connect("localhost", port, here).get(20, TimeUnit.SECONDS);
        assertThat(Objects.requireNonNull(connection.tls()).session().getProtocol())
                .startsWith("TLSv1.");
        long start = System.nanoTime();
        while (!here.isClosed()) {
            assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
            Thread.onSpinWait();
        }
        return here.text();
    }
}
