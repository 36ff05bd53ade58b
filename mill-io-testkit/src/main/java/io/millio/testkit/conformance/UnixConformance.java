package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.EventLoop;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Unix-domain listeners and streams, and the file that a listener has. */
public abstract class UnixConformance extends Conformance {
    @TempDir
    @Nullable
    Path directory;

    /** For subclasses. */
    protected UnixConformance() {}

    @BeforeEach
    void thereAreUnixDomainSockets() throws IOException {
        assumeTrue(peers().hasFiles(), "Unix-domain sockets of this transport are no files");
        try {
            TcpListener listener = transport().openListener(address("probe"), 1);
            listener.close();
        } catch (UnsupportedOperationException e) {
            abort("no Unix-domain sockets on this platform or transport: " + e);
        }
    }

    private Path path(String name) {
        if (directory == null) {
            throw new IllegalStateException("outside of a test");
        }
        return directory.resolve(name);
    }

    private UnixDomainSocketAddress address(String name) {
        return UnixDomainSocketAddress.of(path(name));
    }

    private TcpListener listenAt(String name) throws IOException {
        return track(transport().openListener(address(name), 16));
    }

    private static boolean isThere(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** A listener's file whose listener is gone, as a process leaves it that is killed. */
    private Path leftOver(String name) throws IOException {
        ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        dead.bind(address(name));
        dead.close();
        assertThat(isThere(path(name))).isTrue();
        return path(name);
    }

    /** Connects from outside, and sees a byte through; others may have knocked before. */
    private void assertServes(TcpListener listener) throws IOException {
        SocketChannel peer = track(SocketChannel.open(listener.localAddress()));
        peer.write(ByteBuffer.wrap(new byte[] {'x'}));
        List<TcpStream> accepted = new ArrayList<>();
        Await.until("a byte comes", () -> {
            try {
                TcpStream next = listener.accept();
                if (next != null) {
                    accepted.add(track(next));
                }
                for (TcpStream each : accepted) {
                    if (read(each, 1).equals("x")) {
                        return true;
                    }
                }
                return false;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    // ---- streams

    @ParameterizedTest
    @EnumSource
    void bytesGoToAndFroThroughAFile(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        TcpListener listener = loop.openListener(address("s"));
        assertThat(listener.localAddress()).isEqualTo(address("s"));
        loop.register(listener, Interest.READABLE, new Recorder(event -> {
            TcpStream accepted = listener.accept();
            if (accepted != null) {
                loop.register(accepted, Interest.READABLE, new Recorder(ready -> echo(accepted)));
            }
        }));
        TcpStream stream = loop.openStream(address("s"));
        assertThat(stream.remoteAddress()).isEqualTo(address("s"));
        Text text = new Text();
        Recorder recorder = new Recorder(event -> {
            if (!event.isWritable()) {
                text.append(read(stream, 10));
            } else if (stream.finishConnect()) {
                stream.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.ISO_8859_1)));
                event.registration().setInterest(Interest.READABLE);
            }
        });
        loop.register(stream, Interest.WRITABLE, recorder);
        drive(loop, "the echo comes", () -> text.toString().equals("hello"));
        assertThat(stream.toString()).contains(path("s").toString());
        assertThat(listener.toString()).contains(path("s").toString());
        assertThat(errors).isEmpty();
    }

    private static void echo(TcpStream stream) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(10);
        if (stream.read(bytes) >= 0) {
            stream.write(bytes.flip());
        } else {
            stream.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfAPeerIsSeen(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        TcpListener listener = listenAt("s");
        SocketChannel peer = track(SocketChannel.open(address("s")));
        TcpStream stream = track(accept(listener));
        AtomicReference<@Nullable Integer> got = new AtomicReference<>();
        Recorder recorder = new Recorder(event -> got.set(stream.read(ByteBuffer.allocate(10))));
        loop.register(stream, Interest.READABLE, recorder);
        turns(loop, 3);
        assertThat(got.get()).isNull();
        peer.close();
        drive(loop, "the end is seen", () -> Integer.valueOf(-1).equals(got.get()));
        turns(loop, MANY_TURNS);
        assertThat(recorder.events()).isEqualTo(1);
    }

    @Test
    void connectingToAFileThatIsNotThereNamesIt() {
        assertThatThrownBy(() -> track(transport().openStream(address("none"))).finishConnect())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path("none").toString());
    }

    @Test
    void connectingToAFileWithoutListenerIsRefused() throws IOException {
        leftOver("s");
        assertThatThrownBy(() -> track(transport().openStream(address("s"))).finishConnect())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(path("s").toString());
    }

    @Test
    void aPathThatIsTooLongIsRefusedByName() {
        String tooLong = "x".repeat(120);
        assertThatThrownBy(() -> track(transport().openListener(address(tooLong), 1)))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("too long")
                .hasMessageContaining(tooLong);
        assertThatThrownBy(() -> track(transport().openStream(address(tooLong))))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("too long")
                .hasMessageContaining(tooLong);
    }

    @Test
    void aListenerNeedsAPath() throws IOException {
        UnixDomainSocketAddress nameless = UnixDomainSocketAddress.of("");
        assertThatThrownBy(() -> track(transport().openListener(nameless, 1))).isInstanceOf(IOException.class);
    }

    // ---- the file

    @Test
    void aFileThatWasLeftOverIsReplaced() throws IOException {
        leftOver("s");
        assertServes(listenAt("s"));
    }

    @Test
    void theFileOfALiveListenerIsNotTaken() throws IOException {
        TcpListener first = listenAt("s");
        assertThatThrownBy(() -> listenAt("s"))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(path("s").toString());
        assertServes(first);
    }

    @Test
    void aListenerWithAFullBacklogIsAliveToo() throws IOException {
        ServerSocketChannel busy = track(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
        busy.bind(address("s"), 1);
        fillBacklog("s");
        assertThatThrownBy(() -> listenAt("s"))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(path("s").toString());
        assertThat(isThere(path("s"))).isTrue();
    }

    private void fillBacklog(String name) throws IOException {
        for (int i = 0; i < 100; i++) {
            SocketChannel waiting = track(SocketChannel.open(StandardProtocolFamily.UNIX));
            waiting.configureBlocking(false);
            try {
                if (!waiting.connect(address(name))) {
                    return;
                }
            } catch (IOException full) {
                return;
            }
        }
        abort("a backlog of 1 takes 100 connections here");
    }

    @Test
    void whatIsNoSocketIsNeverRemoved() throws IOException {
        Files.writeString(path("file"), "precious");
        Files.createDirectory(path("dir"));
        for (String name : new String[] {"file", "dir"}) {
            assertThatThrownBy(() -> listenAt(name))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining(path(name).toString());
        }
        assertThat(path("file")).hasContent("precious");
        assertThat(path("dir")).isDirectory();
    }

    @Test
    void aLinkIsNeitherFollowedNorRemoved() throws IOException {
        Path target = leftOver("target");
        try {
            Files.createSymbolicLink(path("link"), target);
        } catch (IOException | UnsupportedOperationException e) {
            abort("no symbolic links here: " + e);
        }
        assertThatThrownBy(() -> listenAt("link")).isInstanceOf(BindException.class);
        assertThat(Files.isSymbolicLink(path("link"))).isTrue();
        assertThat(isThere(target)).isTrue();
    }

    @Test
    void aDirectoryThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> track(transport().openListener(address("none/s"), 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path("none/s").toString());
    }

    @Test
    void theFileIsTheOwnersOnly() throws IOException {
        assumeTrue(
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix"),
                "no permissions of POSIX here");
        listenAt("s");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path("s"))))
                .isEqualTo("rw-------");
    }

    @Test
    void theFileGoesWithItsListener() throws IOException {
        TcpListener listener = listenAt("s");
        assertThat(isThere(path("s"))).isTrue();
        listener.close();
        listener.close();
        assertThat(isThere(path("s"))).isFalse();
        assertServes(listenAt("s"));
    }

    @ParameterizedTest
    @EnumSource
    void theFileGoesWithTheLoopOfItsListener(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        loop.register(listenAt("s"), Interest.READABLE, new Recorder());
        loop.runOnce();
        loop.close();
        assertThat(isThere(path("s"))).isFalse();
    }

    @Test
    void aFileThatIsGoneAlreadyDoesNotDisturbTheClose() throws IOException {
        TcpListener listener = listenAt("s");
        Files.delete(path("s"));
        listener.close();
        assertThat(listener.isOpen()).isFalse();
    }

    @Test
    void theFileOfAnotherListenerStays() throws IOException {
        TcpListener first = listenAt("s");
        Files.delete(path("s"));
        TcpListener second = listenAt("s");
        first.close();
        assertThat(isThere(path("s"))).isTrue();
        assertServes(second);
        second.close();
        assertThat(isThere(path("s"))).isFalse();
    }
}
