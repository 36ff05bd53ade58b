package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.examples.cli.Console;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NetExamplesTest {
    private static TcpServer echo() throws IOException {
        return TcpServer.builder()
                .address("127.0.0.1", 0)
                .handler(new NetEchoServer.Echoing())
                .start();
    }

    private static Socket connect(TcpServer server) throws IOException {
        InetSocketAddress at = (InetSocketAddress) server.localAddress();
        return new Socket(at.getAddress(), at.getPort());
    }

    @Test
    void theProxyPassesBothWaysToAReaderOfAnySpeed() throws Exception {
        byte[] sent = new byte[24 * 1024 * 1024];
        Random random = new Random(1);
        random.nextBytes(sent);
        try (EventLoop loop = EventLoop.builder().direct().noPollTimeout().build();
                TcpServer echo = echo();
                TcpClient toEcho = TcpClient.builder().loop(loop).build();
                TcpServer proxy = TcpServer.builder()
                        .address("127.0.0.1", 0)
                        .loop(loop)
                        .handler(new TcpProxy.Front(toEcho, echo.localAddress(), 0))
                        .start();
                Socket client = connect(proxy)) {
            loop.start();
            Thread sender = new Thread(() -> {
                try {
                    client.getOutputStream().write(sent);
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            sender.start();
            byte[] got = new byte[sent.length + 1];
            int length = 0;
            for (int n;
                    (n = client.getInputStream().read(got, length, 1 + random.nextInt(got.length - length))) > 0; ) {
                length += n;
                if (length == got.length) {
                    break;
                }
            }
            sender.join();

            assertThat(length).isEqualTo(sent.length);
            assertThat(Arrays.mismatch(sent, 0, length, got, 0, length)).isEqualTo(-1);
            assertThat(proxy.close(Duration.ofSeconds(10)).get()).isTrue();
        }
    }

    @Test
    void theProxyNamesItsClientAcrossAnotherProxy() throws Exception {
        for (int version = 1; version <= 2; version++) {
            try (EventLoop loop = EventLoop.builder().direct().noPollTimeout().build();
                    TcpServer back = TcpServer.builder()
                            .address("127.0.0.1", 0)
                            .proxyProtocol("127.0.0.1")
                            .handler((connection, bytes) -> {
                                bytes.position(bytes.limit());
                                connection.write(StandardCharsets.UTF_8.encode(connection.remoteAddress() + "\n"));
                            })
                            .start();
                    TcpClient client = TcpClient.builder().loop(loop).build();
                    TcpServer second = TcpServer.builder()
                            .address("127.0.0.1", 0)
                            .loop(loop)
                            .proxyProtocol("127.0.0.1")
                            .handler(new TcpProxy.Front(client, back.localAddress(), version))
                            .start();
                    TcpServer first = TcpServer.builder()
                            .address("127.0.0.1", 0)
                            .loop(loop)
                            .handler(new TcpProxy.Front(client, second.localAddress(), version))
                            .start();
                    Socket socket = connect(first)) {
                loop.start();
                socket.getOutputStream().write('?');
                BufferedReader from =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                assertThat(from.readLine()).isEqualTo("/127.0.0.1:" + socket.getLocalPort());
            }
        }
    }

    @Test
    void inTheChatReadersThatNeverReadDelayNoOther() throws Exception {
        int lines = 2_000;
        String line = "x".repeat(1_000);
        try (TcpServer server = TcpServer.builder()
                .address("127.0.0.1", 0)
                .options(ChatServer.limits(8 * 1024 * 1024))
                .handler(new ChatServer.Room())
                .start()) {
            List<Socket> members = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                members.add(connect(server));
            }
            while (server.connections() < members.size()) {
                Thread.onSpinWait();
            }
            List<Thread> readers = new ArrayList<>();
            int[] got = new int[10];
            for (int i = 0; i < got.length; i++) {
                int number = i;
                Thread reader = new Thread(() -> {
                    try {
                        BufferedReader from = new BufferedReader(
                                new InputStreamReader(members.get(number).getInputStream(), StandardCharsets.UTF_8));
                        while (got[number] < lines && from.readLine().endsWith(": " + line)) {
                            got[number]++;
                        }
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
                readers.add(reader);
                reader.start();
            }
            Socket speaker = members.get(19);
            for (int i = 0; i < lines; i++) {
                speaker.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
            for (Thread reader : readers) {
                reader.join();
            }

            assertThat(got).containsOnly(lines);
            for (Socket member : members) {
                member.close();
            }
        }
    }

    @Test
    void theClientPrintsPercentilesOfRoundTrips() throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        try (TcpServer server = echo()) {
            Console console = new Console(new PrintWriter(out), new PrintWriter(err));
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            assertThat(Main.run(
                            console, "net-echo-client", "--port", "" + port, "--seconds", "1", "--connections", "3"))
                    .isZero();
        }
        assertThat(out.toString()).contains("round trips").contains("99.99 %");
        assertThat(err.toString()).contains("1 s: ");
    }

    @Test
    void thePooledClientPrintsBothLatencies() throws Exception {
        StringWriter out = new StringWriter();
        try (TcpServer server = echo()) {
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            Console console = new Console(new PrintWriter(out), new PrintWriter(new StringWriter()));
            assertThat(Main.run(console, "pooled-client", "--port", "" + port, "--requests", "50"))
                    .isZero();
        }
        assertThat(out.toString()).contains("new connection: median").contains("through a pool: median");
    }

    @Test
    void theShapedTransferPrintsALineForEachRateAndWay() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Console console = new Console(new PrintWriter(out), new PrintWriter(err));
        assertThat(Main.run(console, "shaped-transfer", "--rate", "100000,200000", "--seconds", "1"))
                .isZero();
        assertThat(out.toString().lines().map(each -> each.split(" bytes", 2)[0]))
                .containsExactly(
                        "reading at 100,000", "writing at 100,000", "reading at 200,000", "writing at 200,000");
        assertThat(Main.run(console, "shaped-transfer", "--rate", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--rate: 0 is less than 1");
    }

    @Test
    void theClientSaysInOneLineThatTheConnectIsRefused() throws Exception {
        int port;
        try (TcpServer gone = echo()) {
            port = ((InetSocketAddress) gone.localAddress()).getPort();
        }
        StringWriter err = new StringWriter();
        Console console = new Console(new PrintWriter(new StringWriter()), new PrintWriter(err));
        assertThat(Main.run(console, "net-echo-client", "--port", "" + port)).isEqualTo(1);
        assertThat(err.toString().lines()).singleElement().asString().contains("" + port);
    }
}
