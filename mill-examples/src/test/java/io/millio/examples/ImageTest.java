package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.net.TcpServer;
import java.io.BufferedReader;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run-time image by jlink, with the modules that Mill-IO needs and no others. */
@Tag("once")
class ImageTest {
    /** Echoes, and ends with its input. */
    static final class Server {
        private Server() {}

        public static void main(String[] args) throws Exception {
            try (TcpServer server = TcpServer.builder()
                    .address("127.0.0.1", 0)
                    .handler((connection, bytes) -> connection.write(bytes))
                    .start()) {
                System.out.println(((InetSocketAddress) server.localAddress()).getPort());
                while (System.in.read() >= 0) {
                    // until the test closes it
                }
            }
        }
    }

    private static String locationOf(Class<?> of) throws URISyntaxException {
        return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    /** In a process of its own: in one with patched modules, as that of this test, jlink refuses to. */
    private static void link(Path jlink, Path image) throws Exception {
        Process linking = new ProcessBuilder(
                        jlink.toString(),
                        "--module-path",
                        locationOf(EventLoop.class) + File.pathSeparator + locationOf(TcpServer.class),
                        "--add-modules",
                        "io.millio.net",
                        "--output",
                        image.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(linking.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(linking.waitFor()).as(output).isZero();
    }

    @Test
    void aServerRunsInAnImageOfJavaBaseWithoutTheFlightRecorder(@TempDir Path folder) throws Exception {
        Path jlink = Path.of(System.getProperty("java.home"), "bin", "jlink");
        Assumptions.assumeTrue(Files.isExecutable(jlink), "this Java has no jlink");
        Path image = folder.resolve("image");
        link(jlink, image);
        Path java = image.resolve("bin").resolve("java");
        Process modules = new ProcessBuilder(java.toString(), "--list-modules").start();
        assertThat(new String(modules.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(line -> line.replaceAll("@.*", "")))
                .containsExactlyInAnyOrder("java.base", "io.millio", "io.millio.net");

        Process server = new ProcessBuilder(java.toString(), "-cp", locationOf(ImageTest.class), Server.class.getName())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output = server.inputReader(StandardCharsets.UTF_8)) {
            String port = output.readLine();
            assertThat(port).containsOnlyDigits();
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
                client.setSoTimeout(20_000);
                client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(client.getInputStream().readNBytes(5), StandardCharsets.US_ASCII))
                        .isEqualTo("hello");
            }
            server.getOutputStream().close();
            assertThat(output.lines()).as("the rest of the output").isEmpty();
            assertThat(server.waitFor()).isZero();
        } finally {
            server.destroyForcibly();
        }
    }
}
