package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.testkit.ScriptedPeer;
import io.millio.testkit.Seeds;
import io.millio.testkit.SimDisk;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Files among the writes, on a disk that is slow or fails. */
class SimulatedDiskTest {
    private static final int SIZE = 1_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Echoes, but a connection that says {@code file} gets the file. */
    private static TcpServer serve(
            SimHost host, EventLoop loop, Path file, AtomicReference<@Nullable CompletableFuture<Long>> transfer)
            throws IOException {
        return TcpServer.builder()
                .address(host.address(7))
                .loop(loop)
                .handler((connection, bytes) -> {
                    String text = StandardCharsets.ISO_8859_1
                            .decode(bytes.duplicate())
                            .toString();
                    if (text.equals("file")) {
                        bytes.position(bytes.limit());
                        transfer.set(connection.transferFrom(file, 0, Long.MAX_VALUE));
                    } else {
                        connection.write(bytes);
                    }
                })
                .start();
    }

    @Seeds(5)
    void aSlowDiskHoldsUpTheConnectionOfItsFileAlone(SimNetwork network) throws IOException {
        SimHost host = network.host("server");
        SimDisk disk = host.disk();
        byte[] content = NetCase.pattern(SIZE);
        Path file = Files.write(disk.root().resolve("file"), content);
        disk.latency(SECOND, SECOND.multipliedBy(2));
        EventLoop loop = host.loop();
        TcpServer server = serve(host, loop, file, new AtomicReference<>());
        SimHost client = network.host("client");
        try (ScriptedPeer slow = client.connect(host.address(7));
                ScriptedPeer other = client.connect(host.address(7))) {
            slow.send("file").expectNothing(Duration.ofMillis(900));
            Duration begin = network.now();
            for (int i = 0; i < 100; i++) {
                other.send("ping").expect("ping");
            }
            assertThat(network.now().minus(begin)).isLessThan(Duration.ofMillis(500));
            NetCase.assertBytes(slow.receive(SIZE), content);
            assertThat(network.now()).isGreaterThan(Duration.ofSeconds(5)); // it is opened, and has four slices
        }
        server.close();
        loop.close();
        network.run();
        network.assertNothingLeaked();
    }

    @Seeds(5)
    void aDiskThatFailsInTheMiddleEndsTheConnectionOfItsFileAlone(SimNetwork network) throws IOException {
        SimHost host = network.host("server");
        SimDisk disk = host.disk();
        Path file = Files.write(disk.root().resolve("file"), NetCase.pattern(SIZE));
        disk.failAt(file, 300_000).latency(SECOND, SECOND); // in the second slice
        EventLoop loop = host.loop();
        AtomicReference<@Nullable CompletableFuture<Long>> transfer = new AtomicReference<>();
        TcpServer server = serve(host, loop, file, transfer);
        SimHost client = network.host("client");
        try (ScriptedPeer fails = client.connect(host.address(7));
                ScriptedPeer other = client.connect(host.address(7))) {
            other.send("before").expect("before");
            fails.send("file").receive(10_000);
            assertThat(fails.receiveToEnd()).hasSizeLessThan(SIZE);
            other.send("after").expect("after");
        }
        assertThat(NetCase.failureOf(Objects.requireNonNull(transfer.get())))
                .isInstanceOf(IOException.class)
                .hasMessage("reading /file: Input/output error");
        server.close();
        loop.close();
        network.run();
        network.assertNothingLeaked();
    }
}
