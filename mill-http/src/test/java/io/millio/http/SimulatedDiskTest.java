package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.testkit.ScriptedPeer;
import io.millio.testkit.Seeds;
import io.millio.testkit.SimDisk;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;

/** Downloads from and uploads to a disk that is slow, fails or is full: other connections notice nothing. */
@SuppressWarnings("NullAway.Init")
class SimulatedDiskTest {
    private static final int SIZE = 1_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private SimNetwork network;
    private SimDisk disk;
    private Path file;
    private Path upload;
    private EventLoop loop;
    private HttpServer server;
    private ScriptedPeer peer;
    private ScriptedPeer other;

    @BeforeEach
    void serve(SimNetwork simulation) throws IOException {
        network = simulation;
        SimHost host = network.host("server");
        disk = host.disk();
        byte[] content = new byte[SIZE];
        Arrays.fill(content, (byte) 'x');
        file = Files.write(disk.root().resolve("file"), content);
        upload = disk.root().resolve("upload");
        FileHandler files = FileHandler.of(disk.root());
        loop = host.loop();
        server = HttpServer.builder()
                .address(host.address(80))
                .loop(loop)
                .handler((request, response) -> {
                    if (request.isMethod("POST")) {
                        CompletableFuture<?> unused = request.bodyTo(upload).whenComplete((bytes, failure) -> {
                            response.status(failure == null ? 200 : 507)
                                    .send(failure == null ? bytes + " bytes!" : failure.getMessage() + "!");
                        });
                    } else if (request.isPath("/now")) {
                        response.send("now;");
                    } else {
                        files.handle(request, response);
                    }
                })
                .start();
        SimHost client = network.host("client");
        peer = client.connect(host.address(80));
        other = client.connect(host.address(80));
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    private static String post(int bytes) {
        return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + bytes + "\r\n\r\n" + "x".repeat(bytes);
    }

    private void assertOtherIsAnswered() {
        Duration begin = network.now();
        other.send(get("/now")).receiveUntil("now;");
        assertThat(network.now().minus(begin)).isLessThan(Duration.ofMillis(50));
    }

    /** The connection ends without a rest of the file, the error names it, and nothing else ends. */
    private void assertPeerAloneFailed(String message) {
        network.runUntil("the download has ended", () -> server.connections() == 1);
        assertOtherIsAnswered();
        assertThat(network.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.cause())
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(message)
                        .hasMessageContaining("/file"));
        end();
    }

    private void end() {
        peer.close();
        other.close();
        server.close();
        loop.close();
        network.run();
        network.assertNothingLeaked();
    }

    @Seeds(5)
    void aDownloadFromASlowDiskHoldsUpNoOtherConnection(SimNetwork unused) {
        disk.latency(SECOND, SECOND.multipliedBy(2));
        peer.send(get("/file"));
        for (int i = 0; i < 50; i++) {
            assertOtherIsAnswered();
        }
        peer.receiveUntil("\r\n\r\n");
        assertOtherIsAnswered();
        assertThat(new String(peer.receive(SIZE), StandardCharsets.ISO_8859_1)).isEqualTo("x".repeat(SIZE));
        assertThat(network.now()).isGreaterThan(SECOND.multipliedBy(9)); // 3 looks, opening, another look, 4 slices
        assertThat(network.errors()).isEmpty();
        end();
    }

    @Seeds(5)
    void aDiskThatFailsInTheMiddleEndsThisDownloadAlone(SimNetwork unused) {
        disk.failAt(file, 300_000).latency(SECOND, SECOND); // in the second slice
        peer.send(get("/file")).receiveUntil("\r\n\r\n");
        peer.receive(10_000);
        assertPeerAloneFailed("Input/output error");
    }

    @Seeds(5)
    void aFileThatIsTruncatedAmidItsDownloadEndsThisDownloadAlone(SimNetwork unused) throws IOException {
        disk.latency(SECOND, SECOND);
        peer.send(get("/file")).receiveUntil("\r\n\r\n");
        peer.receive(1);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(600_000);
        }
        peer.receive(599_999);
        assertPeerAloneFailed("ended after 600000 of 1000000 bytes");
    }

    @Seeds(5)
    void aFileThatIsDeletedBetweenTheHeadAndItsOpeningEndsThisDownloadAlone(SimNetwork unused) throws IOException {
        disk.latency(SECOND, SECOND);
        peer.send(get("/file")).receiveUntil("\r\n\r\n");
        Files.delete(file);
        assertPeerAloneFailed("/file");
    }

    @Seeds(5)
    void anUploadThatFillsTheDiskIsRemovedAndAnsweredAndTheOthersGoOn(SimNetwork unused) {
        disk.capacity(SIZE + 100_000).latency(Duration.ofMillis(1), Duration.ofMillis(20));
        peer.send(post(300_000));
        assertThat(peer.receiveUntil("!"))
                .startsWith("HTTP/1.1 507 ")
                .endsWith("writing /upload: No space left on device!");
        assertThat(Files.exists(upload)).isFalse();
        assertOtherIsAnswered();
        other.send(post(90_000));
        assertThat(other.receiveUntil("!")).startsWith("HTTP/1.1 200 ").endsWith("90000 bytes!");
        end();
    }

    @Seeds(20)
    void whateverFailsOfADiskNothingIsLeftOpen(SimNetwork unused) {
        disk.latency(Duration.ZERO, Duration.ofMillis(50)).errors(0.1);
        for (int i = 0; i < 5; i++) {
            ScriptedPeer next = network.host("client").connect(server.localAddress());
            if (network.draw(2) == 0) {
                next.send(get("/file"));
            } else {
                next.send(post(60_000));
            }
            network.runFor(Duration.ofMillis(network.draw(200)));
            next.close();
        }
        assertOtherIsAnswered();
        end();
    }
}
