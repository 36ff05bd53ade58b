package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.EventLoop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Servers of a process with few descriptors, by their defaults: as many connections as there may be, and no failure.
 */
class DescriptorLimitTest {
    private static final int DESCRIPTORS = 512;

    /** Two servers without settings; the first lines of the output have their ports and limit. */
    static final class Servers {
        private Servers() {}

        public static void main(String[] args) throws Exception {
            try (EventLoop loop = EventLoop.builder().direct().build();
                    TcpServer first = server(loop);
                    TcpServer second = server(loop)) {
                loop.start();
                System.out.println(port(first));
                System.out.println(port(second));
                System.out.println(ConnectionQuota.process().max());
                while (System.in.read() >= 0) {
                    System.out.println(loop.stats().acceptPauses());
                }
            }
        }

        private static TcpServer server(EventLoop loop) throws IOException {
            return TcpServer.builder()
                    .address("127.0.0.1", 0)
                    .loop(loop)
                    .handler(Connection::write)
                    .start();
        }

        private static int port(TcpServer server) {
            return ((InetSocketAddress) server.localAddress()).getPort();
        }
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void whatComesBeyondTheDescriptorsWaitsUntilOthersHaveGone() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "the shell sets the limit");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String path = System.getProperty("jdk.module.path", "") + ":" + System.getProperty("java.class.path") + ":"
                + Path.of("target", "test-classes").toAbsolutePath();
        Process process = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "ulimit -n " + DESCRIPTORS + "; exec \"$@\"",
                        "sh",
                        java,
                        "-cp",
                        path,
                        Servers.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<Socket> waiting = new ArrayList<>();
        Deque<Socket> served = new ArrayDeque<>();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String[] ports = {out.readLine(), out.readLine()};
            int max = Integer.parseInt(out.readLine());
            for (int i = 0; i < max; i++) {
                Socket client = connect(ports[i % 2]);
                served.add(client);
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
            for (int i = 0; i < 100; i++) {
                waiting.add(connect(ports[i % 2]));
            }
            served.getLast().getOutputStream().write('y');
            assertThat(served.getLast().getInputStream().read())
                    .as("behind them")
                    .isEqualTo('y');
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            assertThat(out.readLine()).as("accepts that failed").isEqualTo("0");
            for (Socket client : waiting) {
                assertThat(client.getInputStream().available()).isZero();
                served.removeFirst().close();
            }
            for (Socket client : waiting) {
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
        } finally {
            process.destroyForcibly();
            for (Socket client : waiting) {
                client.close();
            }
            for (Socket client : served) {
                client.close();
            }
        }
    }

    private static Socket connect(String port) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
        client.getOutputStream().write('x');
        return client;
    }
}
