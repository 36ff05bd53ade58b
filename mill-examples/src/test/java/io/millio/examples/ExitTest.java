package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How the process of a server ends. */
class ExitTest {
    private static final long PATIENCE_SECONDS = 60;

    /** A server whose callback is stuck, or not, when the process is asked to end. */
    static final class Server {
        private Server() {}

        public static void main(String[] args) throws InterruptedException {
            EventLoopGroup loops = EventLoop.builder().direct().buildGroup(2);
            boolean stuck = args[0].equals("stuck");
            Servers.drainAtExit(loops, Duration.ofMillis(stuck ? 100 : 10_000)); // what drains ends at once
            loops.start();
            CountDownLatch begun = new CountDownLatch(1);
            loops.loops().get(1).execute(() -> {
                begun.countDown();
                while (stuck) {
                    Thread.onSpinWait();
                }
            });
            begun.await();
            System.exit(0);
        }
    }

    private static String exit(String how) throws Exception {
        List<String> classes = new ArrayList<>();
        for (Class<?> each : List.of(EventLoop.class, io.millio.net.TcpServer.class, Servers.class, ExitTest.class)) {
            classes.add(Path.of(each.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        String.join(File.pathSeparator, classes),
                        Server.class.getName(),
                        how)
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            return (process.exitValue() + " " + output).strip();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aServerWhoseCallbackIsStuckEndsWithOne() throws Exception {
        assertThat(exit("stuck")).isEqualTo("1 a callback is stuck");
    }

    @Test
    void aServerThatDrainsEndsWithZero() throws Exception {
        assertThat(exit("idle")).isEqualTo("0");
    }
}
