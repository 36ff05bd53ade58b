package io.millio.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Disks of simulated hosts: slow, failing, full. */
class SimDiskTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** A task that uses files. */
    private interface Act {
        void run() throws IOException;
    }

    private final SimNetwork network = SimNetwork.seeded(7);
    private final SimHost host = network.host("server");
    private final SimDisk disk = host.disk();
    private final Path file = disk.root().resolve("file");

    /** What tasks have thrown. */
    private final List<Throwable> thrown = new ArrayList<>();

    @AfterEach
    void close() {
        network.close();
    }

    /** Runs tasks on simulated threads, each on its own. */
    private void execute(Act... acts) {
        for (Act act : acts) {
            host.executor(1).execute(() -> {
                try {
                    act.run();
                } catch (IOException e) {
                    thrown.add(e);
                }
            });
        }
    }

    private static FileChannel opened(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    // ---- files

    @Test
    void filesAreWrittenReadMovedAndDeleted() throws IOException {
        Path folder = Files.createDirectory(disk.root().resolve("folder"));
        Path inside = Files.writeString(folder.resolve("inside"), "text");
        Files.writeString(inside, " and more", StandardOpenOption.APPEND);

        assertThat(Files.readString(inside)).isEqualTo("text and more");
        assertThat(Files.size(inside)).isEqualTo(13);
        assertThat(Files.isDirectory(folder)).isTrue();
        assertThat(Files.isReadable(inside)).isTrue();
        assertThatThrownBy(() -> Files.delete(folder)).isInstanceOf(DirectoryNotEmptyException.class);
        assertThatThrownBy(() -> Files.createDirectory(folder)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Files.writeString(file.resolve("below"), "x")).isInstanceOf(NoSuchFileException.class);

        Files.writeString(file, "old");
        Files.move(inside, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(Files.readString(file)).isEqualTo("text and more");
        assertThat(Files.exists(inside)).isFalse();
        Files.delete(folder);
        assertThatThrownBy(() -> Files.readString(inside)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void pathsAreResolvedAndNormalizedAsElsewhere() throws IOException {
        Path root = disk.root();
        Path deep = root.resolve("a/b/c");
        assertThat(root.resolve("a/./x/../b//c/").normalize()).isEqualTo(deep);
        assertThat(root.resolve("../..").normalize()).isEqualTo(root);
        assertThat(deep.startsWith(root.resolve("a"))).isTrue();
        assertThat(deep.startsWith(root.resolve("b"))).isFalse();
        assertThat(deep.endsWith("b/c")).isTrue();
        assertThat(deep.endsWith("/b/c")).isFalse();
        assertThat(deep.endsWith(Path.of("c"))).isFalse();
        assertThat(deep.resolveSibling("d")).hasToString("/a/b/d");
        assertThat(root.resolve("a").relativize(root.resolve("b/c"))).hasToString("../b/c");
        assertThat(deep.getFileName()).hasToString("c");
        assertThat(root.getFileName()).isNull();
        assertThat(root.getParent()).isNull();
        Files.writeString(file, "x");
        assertThat(root.resolve("none/../file").toRealPath()).isEqualTo(file);
    }

    @Test
    void aDeletedFileStaysForThoseWhoHaveItOpen() throws IOException {
        Files.writeString(file, "text");
        try (FileChannel channel = opened(file)) {
            Files.delete(file);
            ByteBuffer bytes = ByteBuffer.allocate(10);
            assertThat(channel.read(bytes)).isEqualTo(4);
            assertThat(channel.read(bytes)).isEqualTo(-1);
        }
    }

    @Test
    void aFileThatIsLeftOpenIsALeak() throws IOException {
        Files.writeString(file, "text");
        FileChannel left = opened(file);
        assertThatThrownBy(network::assertNothingLeaked).hasMessageContaining("server: open file: /file");
        left.close();
        network.assertNothingLeaked();
    }

    @Test
    void aCrashLeavesTheFilesAndClosesThem() throws IOException {
        Files.writeString(file, "text");
        FileChannel unused = opened(file);
        host.crash();
        network.assertNothingLeaked();
        host.restart();
        assertThat(Files.readString(file)).isEqualTo("text");
    }

    // ---- slow

    @Test
    void anOperationTakesSimulatedTimeInWhichOthersGoOn() throws IOException {
        Files.writeString(file, "text");
        disk.latency(SECOND, SECOND);
        List<Duration> ended = new ArrayList<>();
        execute(
                () -> {
                    try (FileChannel channel = opened(file)) {
                        channel.read(ByteBuffer.allocate(10));
                    }
                    ended.add(network.now());
                },
                () -> ended.add(network.now()));
        network.run();
        assertThat(ended).hasSize(2);
        assertThat(ended.get(0)).isLessThan(SECOND);
        assertThat(ended.get(1)).isBetween(SECOND.multipliedBy(2), Duration.ofMillis(2100));
    }

    @Test
    void whatTheTestDoesTakesNoTime() throws IOException {
        disk.latency(SECOND, SECOND).errors(1);
        Files.writeString(file, "text");
        assertThat(Files.readString(file)).isEqualTo("text");
        assertThat(network.now()).isZero();
    }

    @Test
    void aReadInProgressEndsWhenItsChannelIsClosed() throws IOException {
        Files.writeString(file, "text");
        FileChannel channel = opened(file);
        disk.latency(SECOND, SECOND);
        execute(() -> channel.read(ByteBuffer.allocate(10)));
        network.runFor(Duration.ofMillis(500));
        channel.close();
        network.run();
        assertThat(thrown).singleElement().isInstanceOf(AsynchronousCloseException.class);
    }

    @Test
    void aFileThatIsTruncatedAmidItsReadingEndsEarlier() throws IOException {
        Files.write(file, new byte[100]);
        disk.latency(SECOND, SECOND);
        List<Integer> counts = new ArrayList<>();
        execute(() -> {
            try (FileChannel channel = opened(file)) {
                for (int count = 0; count >= 0; ) {
                    count = channel.read(ByteBuffer.allocate(40));
                    counts.add(count);
                }
            }
        });
        network.runFor(Duration.ofMillis(2500));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(50);
        }
        network.run();
        assertThat(counts).containsExactly(40, 10, -1);
    }

    // ---- failing

    @Test
    void aBrokenByteFailsAndThoseBeforeAndBehindDoNot() throws IOException {
        Files.write(file, new byte[100]);
        disk.failAt(file, 30);
        execute(() -> {
            try (FileChannel channel = opened(file)) {
                assertThat(channel.read(ByteBuffer.allocate(50), 0)).isEqualTo(30);
                assertThat(channel.read(ByteBuffer.allocate(50), 31)).isEqualTo(50);
                assertThatIOException()
                        .isThrownBy(() -> channel.read(ByteBuffer.allocate(50), 30))
                        .withMessage("Input/output error");
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                assertThat(channel.write(ByteBuffer.allocate(50))).isEqualTo(30);
                channel.write(ByteBuffer.allocate(50));
            }
        });
        network.run();
        assertThat(thrown).singleElement().asString().contains("Input/output error");
        assertThat(network.trace()).contains("server:/file  reads 30 bytes from 0 on");
    }

    @Test
    void aFullDiskTakesWhatFitsAndRefusesTheRest() throws IOException {
        disk.capacity(100);
        Files.write(disk.root().resolve("other"), new byte[30]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            assertThat(channel.write(ByteBuffer.allocate(90))).isEqualTo(70);
            assertThatIOException()
                    .isThrownBy(() -> channel.write(ByteBuffer.allocate(20)))
                    .withMessage("No space left on device");
            assertThat(channel.write(ByteBuffer.allocate(20), 0)).isEqualTo(20);
            Files.delete(disk.root().resolve("other"));
            assertThat(channel.write(ByteBuffer.allocate(20))).isEqualTo(20);
        }
        assertThat(Files.size(file)).isEqualTo(90);
    }

    @Seeds(value = 5, twice = 5)
    void timesAndErrorsAreTheSeeds(SimNetwork seeded) throws IOException {
        SimHost server = seeded.host("server");
        Path path = server.disk().root().resolve("file");
        Files.write(path, new byte[1000]);
        server.disk().latency(Duration.ofMillis(1), Duration.ofMillis(9)).errors(0.2);
        for (int i = 0; i < 3; i++) {
            server.executor(1).execute(() -> {
                for (int attempt = 0; attempt < 10; attempt++) {
                    try {
                        Files.readAllBytes(path);
                    } catch (IOException e) {
                        seeded.note(String.valueOf(e.getMessage()));
                    }
                }
            });
        }
        seeded.run();
        assertThat(seeded.trace()).contains("Input/output error");
        seeded.assertNothingLeaked();
    }

    @Test
    void wrongArgumentsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk.latency(SECOND, Duration.ZERO))
                .withMessage("most: PT0S, must not be less than PT1S");
        assertThatIllegalArgumentException().isThrownBy(() -> disk.errors(1.5)).withMessageContaining("probability");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk.failAt(file, -1))
                .withMessageContaining("position");
        assertThatIllegalArgumentException().isThrownBy(() -> disk.capacity(-1)).withMessageContaining("bytes");
    }
}
