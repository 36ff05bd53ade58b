package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.millio.transport.Readiness;
import io.millio.transport.SendableFile;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Files that the system sends by itself. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class SendfileTest {
    private static final int SIZE = 5_000_000;

    @TempDir
    Path folder;

    private final byte[] content = new byte[SIZE];
    private Path path = Path.of("");

    @BeforeEach
    void writeFile() throws IOException {
        for (int i = 0; i < SIZE; i++) {
            content[i] = (byte) (i * 31 + (i >>> 8) * 17 + (i >>> 16));
        }
        path = Files.write(folder.resolve("file"), content);
    }

    private static SendableFile open(TcpStream on, Path file) {
        return Objects.requireNonNull(on.openFile(file), "it can't be sent");
    }

    /** How many descriptors of this process are of a file. */
    private static int descriptorsOf(Path file) throws IOException {
        int count = 0;
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : all.toList()) {
                try {
                    count += Files.readSymbolicLink(each).equals(file.toRealPath()) ? 1 : 0;
                } catch (NoSuchFileException e) {
                    // closed since it was listed
                }
            }
        }
        return count;
    }

    // ---- what is sent

    /** Sends a part as far as the peer takes it, reading there whenever nothing is taken here. */
    private byte[] received(TcpStream stream, SocketChannel peer, SendableFile file, int position, int count)
            throws IOException {
        ByteBuffer got = ByteBuffer.allocate(count);
        long at = position;
        while (at < position + count) {
            long taken = stream.transferFrom(file, at, position + count - at);
            assertThat(taken).isNotNegative();
            at += taken;
            if (taken == 0) {
                peer.read(got);
            }
        }
        while (got.hasRemaining()) {
            peer.read(got);
        }
        return got.array();
    }

    @Test
    void aPartArrivesThoughEachCallTakesOnlySomeOfIt() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open();
                SendableFile file = open(pair.stream(), path)) {
            pair.stream().setOption(StandardSocketOptions.SO_SNDBUF, 50_000);

            byte[] got = received(pair.stream(), pair.peer(), file, 777, 4_500_000);

            assertThat(Arrays.mismatch(got, Arrays.copyOfRange(content, 777, 4_500_777)))
                    .isEqualTo(-1);
        }
    }

    @Test
    void aUnixDomainStreamSendsFilesToo() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (TcpListener listener = LoopbackPair.epoll().openListener(address, 1);
                SocketChannel peer = SocketChannel.open(address);
                TcpStream stream = Objects.requireNonNull(listener.accept());
                SendableFile file = open(stream, path)) {
            byte[] got = received(stream, peer, file, 1, 3_000_000);

            assertThat(Arrays.mismatch(got, Arrays.copyOfRange(content, 1, 3_000_001)))
                    .isEqualTo(-1);
        }
    }

    @Test
    void theEndOfTheFileIsReported() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open();
                SendableFile file = open(pair.stream(), path)) {
            assertThat(file.prefetch(SIZE - 10, 100)).isEqualTo(10);
            assertThat(file.prefetch(SIZE, 100)).isZero();
            assertThat(file.prefetch(SIZE + 10, 100)).isZero();
            assertThat(file.prefetch(0, SIZE)).isEqualTo(SIZE);
            assertThat(pair.stream().transferFrom(file, SIZE - 10, 100)).isEqualTo(10);
            assertThat(pair.stream().transferFrom(file, SIZE, 100)).isEqualTo(-1);
            try (FileChannel shorter = FileChannel.open(path, StandardOpenOption.WRITE)) {
                shorter.truncate(5);
            }
            assertThat(pair.stream().transferFrom(file, 10, 100)).isEqualTo(-1);
            assertThat(pair.stream().transferFrom(file, 0, 100)).isEqualTo(5);
        }
    }

    @Test
    void nothingIsTakenAndNothingIsWrongWhenTheSystemHasNoRoom() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open();
                SendableFile file = open(pair.stream(), path)) {
            pair.stream().setOption(StandardSocketOptions.SO_SNDBUF, 10_000);
            long taken;
            do {
                taken = pair.stream().transferFrom(file, 0, SIZE);
                assertThat(taken).isNotNegative();
            } while (taken > 0);
            assertThat(pair.stream().condition()).isZero();
            assertThat(pair.stream().transferFrom(file, 0, 0)).isZero();
        }
    }

    @Test
    void aCallAllocatesNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int calls = 5_000;
        try (LoopbackPair pair = LoopbackPair.open();
                SendableFile file = open(pair.stream(), path)) {
            ByteBuffer got = ByteBuffer.allocateDirect(64);
            long perCall = 1;
            for (int round = 0; round < 25 && perCall != 0; round++) {
                long before =
                        threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
                for (int i = 0; i < calls; i++) {
                    pair.stream().transferFrom(file, i, 64);
                    pair.peer().read(got.clear());
                }
                long after =
                        threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
                perCall = (after - before) / calls;
            }
            assertThat(perCall).as("bytes a call").isZero();
        }
    }

    // ---- what is refused

    @Test
    void wrongNumbersAndFilesOfOthersAreRefusedAtOnce() throws IOException {
        SendableFile foreign = new SendableFile() {
            @Override
            public long prefetch(long position, long count) {
                return count;
            }

            @Override
            public void close() {}

            @Override
            public String toString() {
                return "foreign";
            }
        };
        try (LoopbackPair pair = LoopbackPair.open();
                SendableFile file = open(pair.stream(), path)) {
            assertThatThrownBy(() -> pair.stream().transferFrom(foreign, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("file: of another transport: foreign");
            assertThatThrownBy(() -> pair.stream().transferFrom(file, -1, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("position: -1");
            assertThatThrownBy(() -> pair.stream().transferFrom(file, 0, -2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("count: -2");
            assertThatThrownBy(() -> file.prefetch(-1, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("position: -1");
            assertThatThrownBy(() -> file.prefetch(1, -1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("count: -1");
            assertThat(pair.stream().condition()).isZero();
        }
    }

    @Test
    void aClosedFileSaysSo() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open()) {
            SendableFile file = open(pair.stream(), path);
            assertThat(descriptorsOf(path)).isEqualTo(1);
            file.close();
            file.close();
            assertThat(descriptorsOf(path)).isZero();
            assertThatThrownBy(() -> file.prefetch(0, 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("closed already: " + path);
            assertThatThrownBy(() -> pair.stream().transferFrom(file, 0, 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("closed already: " + path);
        }
    }

    @Test
    void whatIsNoRegularFileOfTheSystemIsNotOpened() throws Exception {
        try (LoopbackPair pair = LoopbackPair.open()) {
            assertThat(pair.stream().openFile(folder)).isNull();
            assertThat(pair.stream().openFile(folder.resolve("none"))).isNull();
            assertThat(pair.stream().openFile(Path.of("/dev/zero"))).isNull();
            assertThat(pair.stream().openFile(folder.resolve("x".repeat(5_000))))
                    .isNull();
            Path other = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base/module-info.class");
            assertThat(Files.isRegularFile(other)).isTrue();
            assertThat(pair.stream().openFile(other)).isNull();

            Path pipe = folder.resolve("pipe");
            assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "there is no /usr/bin/mkfifo");
            assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString())
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(pair.stream().openFile(pipe)).isNull(); // and does not wait for a writer
            assertThat(descriptorsOf(pipe)).isZero();
            assertThat(descriptorsOf(folder)).isZero();
        }
    }

    @Test
    void aRelativePathAndALinkAreFollowed() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), path);
        Path relative = Path.of("").toAbsolutePath().relativize(link.toAbsolutePath());
        try (LoopbackPair pair = LoopbackPair.open();
                SendableFile file = open(pair.stream(), relative)) {
            assertThat(file.prefetch(0, SIZE + 1)).isEqualTo(SIZE);
        }
    }

    // ---- ends

    @Test
    void aPeerThatIsGoneIsAnErrorThatNamesFileAndAddress() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open();
                SendableFile file = open(pair.stream(), path)) {
            pair.peer().setOption(StandardSocketOptions.SO_LINGER, 0).close();
            assertThatThrownBy(() -> {
                        while (true) {
                            pair.stream().transferFrom(file, 0, 1_000);
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("sending " + path + " on tcp stream 127.0.0.1:");
            assertThat(pair.stream().condition() & Readiness.ERROR).isNotZero();
        }
    }

    @Test
    void afterTheEndOfOutputNothingIsSent() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open();
                SendableFile file = open(pair.stream(), path)) {
            pair.stream().shutdownOutput();
            for (int count : List.of(0, 1)) {
                assertThatThrownBy(() -> pair.stream().transferFrom(file, 0, count))
                        .isInstanceOf(ClosedChannelException.class);
            }
        }
    }

    @Test
    void streamsAndFilesThatAreClosedWhileOthersUseThemGiveTheirDescriptorsBack() throws Exception {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        for (int round = 0; round < 200; round++) {
            boolean streamFirst = (round & 1) == 0;
            try (LoopbackPair pair = LoopbackPair.open()) {
                SendableFile file = open(pair.stream(), path);
                Thread sender = new Thread(() -> useUntilClosed(pair.stream(), file, failure));
                Thread fetcher = new Thread(() -> useUntilClosed(null, file, failure));
                sender.start();
                fetcher.start();
                if (streamFirst) {
                    pair.stream().close();
                }
                file.close();
                fetcher.join();
                pair.stream().close();
                sender.join();
            }
            assertThat(descriptorsOf(path)).isZero();
        }
        assertThat(failure.get()).isNull();
    }

    private void useUntilClosed(
            @Nullable TcpStream stream, SendableFile file, AtomicReference<@Nullable Throwable> failure) {
        try {
            while (true) {
                long done = stream == null ? file.prefetch(0, 100_000) : stream.transferFrom(file, 0, 10);
                if (done < 0) {
                    throw new AssertionError("the file has not ended");
                }
            }
        } catch (ClosedChannelException e) {
            // the end of the stream
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("closed already")) {
                failure.set(e);
            }
        } catch (Throwable t) {
            failure.set(t);
        }
    }
}
