package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.EventLoop;
import io.millio.linux.sys.DescriptorMessages;
import io.millio.transport.Interest;
import io.millio.transport.SocketSettings;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class SocketPassingTest {
    @TempDir
    private Path directory;

    private TcpListener meeting;
    private TcpStream sender;
    private TcpStream receiver;

    @BeforeEach
    void connect() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
        meeting = LoopbackPair.epoll().openListener(address, 4);
        sender = LoopbackPair.epoll().openStream(address);
        assertThat(sender.finishConnect()).isTrue();
        receiver = TruncatedReceive.accept(meeting);
    }

    @AfterEach
    void close() throws IOException {
        sender.close();
        receiver.close();
        meeting.close();
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count);
    }

    private List<Source> pass(Source... sockets) throws IOException {
        assertThat(SocketPassing.send(sender, bytes(1), List.of(sockets))).isEqualTo(1);
        SocketPassing.Received received = SocketPassing.receive(receiver, bytes(10), sockets.length);
        assertThat(received.bytes()).isEqualTo(1);
        assertThat(received.sockets()).hasSize(sockets.length);
        return received.sockets();
    }

    @Test
    void aPassedStreamGoesOnWhereTheSenderStopped() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open();
                EventLoop loop = LoopbackPair.directLoop()) {
            loop.register(pair.stream(), Interest.READABLE, event -> {
                throw new AssertionError("it has left this loop");
            });
            TcpStream passed = (TcpStream) pass(pair.stream()).get(0);
            try (passed) {
                SocketPassing.closePassed(pair.stream());
                pair.peer().write(bytes(3));
                for (int i = 0; i < 5; i++) {
                    loop.execute(() -> {});
                    loop.runOnce();
                }
                assertThat(loop.registrations()).isZero();
                assertThat(passed.remoteAddress()).isEqualTo(pair.peer().getLocalAddress());
                ByteBuffer to = bytes(10);
                while (to.position() < 3) {
                    assertThat(passed.read(to)).isNotNegative();
                }
                assertThat(passed.write(bytes(5))).isEqualTo(5);
                assertThat(pair.peer().read(bytes(10))).isPositive();
                assertThat(Files.readString(Path.of("/proc/self/fdinfo/" + ((EpollStream) passed).fd)))
                        .as("non-blocking, and closed on exec")
                        .containsPattern("flags:\\s*02004002");
            }
        }
    }

    @Test
    void aClosedStreamThatWasPassedLeavesThePollerOfItsReceiver() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open();
                EventLoop loop = LoopbackPair.directLoop()) {
            TcpStream passed = (TcpStream) pass(pair.stream()).get(0);
            loop.register(passed, Interest.READABLE, event -> {});
            assertThat(watched(loop, passed)).isEqualTo(1);
            passed.close();
            assertThat(watched(loop, passed)).isZero();
        }
    }

    /** How many pollers of this process watch its descriptor. */
    private static int watched(EventLoop unused, TcpStream stream) throws IOException {
        int found = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
            for (Path each : all) {
                if (Files.exists(each)
                        && String.join("\n", Files.readAllLines(each))
                                .matches("(?s).*tfd: +" + ((EpollStream) stream).fd + " .*")) {
                    found++;
                }
            }
        }
        return found;
    }

    @Test
    void aPassedListenerHasItsBacklogAndADatagramSocketItsPeer() throws IOException {
        try (TcpListener listener = LoopbackPair.epoll().openListener(LoopbackPair.ANY, 16);
                UdpSocket udp = LoopbackPair.epoll().openUdp(LoopbackPair.ANY, SocketSettings.NONE)) {
            udp.connect(udp.localAddress());
            try (SocketChannel waiting = SocketChannel.open(listener.localAddress())) {
                List<Source> passed = pass(listener, udp);
                SocketPassing.closePassed(listener);
                SocketPassing.closePassed(udp);
                try (TcpListener taken = (TcpListener) passed.get(0);
                        UdpSocket datagrams = (UdpSocket) passed.get(1);
                        TcpStream accepted = TruncatedReceive.accept(taken)) {
                    assertThat(accepted.remoteAddress()).isEqualTo(waiting.getLocalAddress());
                    assertThat(datagrams.localAddress()).isEqualTo(datagrams.remoteAddress());
                }
            }
        }
    }

    @Test
    void theFileOfAPassedListenerStays() throws IOException {
        Path path = directory.resolve("passed");
        TcpListener listener = LoopbackPair.epoll().openListener(UnixDomainSocketAddress.of(path), 4);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        try (Source taken = pass(listener).get(0)) {
            SocketPassing.closePassed(listener);
            assertThat(path).exists();
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
            assertThat(taken.isOpen()).isTrue();
        }
    }

    @Test
    void aStreamThatItsPeerHasResetArrivesAllTheSame() throws IOException {
        LoopbackPair pair = LoopbackPair.open();
        pair.peer().setOption(StandardSocketOptions.SO_LINGER, 0);
        pair.peer().close();
        assertThatThrownBy(() -> {
                    while (pair.stream().read(bytes(1)) == 0) {
                        Thread.onSpinWait();
                    }
                })
                .isInstanceOf(IOException.class);
        TcpStream taken = (TcpStream) pass(pair.stream()).get(0);
        assertThat(((InetSocketAddress) taken.remoteAddress()).getAddress().isAnyLocalAddress())
                .isTrue();
        assertThat(taken.read(bytes(1))).isEqualTo(-1);
        taken.close();
        pair.close();
    }

    @Test
    void aFullBufferTakesNoSocketAndALongMessageTakesThemOnce() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open()) {
            long sent = 0;
            for (int put; (put = SocketPassing.send(sender, bytes(1 << 20), List.of())) > 0; ) {
                sent += put;
            }
            assertThat(SocketPassing.send(sender, bytes(1), List.of(pair.stream())))
                    .isZero();
            ByteBuffer message = bytes(1 << 20);
            List<Source> pending = List.of(pair.stream());
            List<Source> got = new ArrayList<>();
            long received = 0;
            while (message.hasRemaining() || received < sent + message.capacity()) {
                SocketPassing.Received now = SocketPassing.receive(receiver, bytes(5000), 1);
                received += now.bytes();
                got.addAll(now.sockets());
                if (message.hasRemaining() && SocketPassing.send(sender, message, pending) > 0) {
                    pending = List.of();
                }
            }
            assertThat(received).isEqualTo(sent + message.capacity());
            assertThat(got).hasSize(1);
            got.get(0).close();
        }
    }

    @Test
    void asManyAsTheSystemCarriesArriveInOneCallAndOneMoreIsRefused() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open()) {
            List<Source> many = Collections.nCopies(SocketPassing.MAX_SOCKETS, pair.stream());
            for (Source each : pass(many.toArray(new Source[0]))) {
                each.close();
            }
            List<Source> tooMany = Collections.nCopies(SocketPassing.MAX_SOCKETS + 1, pair.stream());
            assertThatThrownBy(() -> SocketPassing.send(sender, bytes(1), tooMany))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("254")
                    .hasMessageContaining("253");
        }
    }

    @Test
    void surplusSocketsAndWhatIsNoSocketAreClosed() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open()) {
            Fd.Pipe pipe = Fd.pipe();
            Set<String> before = TruncatedReceive.open();
            SocketPassing.send(sender, bytes(1), List.of(pair.stream(), pair.stream()));
            assertThatThrownBy(() -> SocketPassing.receive(receiver, bytes(1), 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("received 2 descriptors, must be at most 1");
            assertThat(TruncatedReceive.open()).isEqualTo(before);
            int[] mixed = {((EpollStream) pair.stream()).fd, pipe.reader().number()};
            assertThat(DescriptorMessages.send(((EpollStream) sender).fd, bytes(1), mixed))
                    .isEqualTo(1);
            assertThatThrownBy(() -> SocketPassing.receive(receiver, bytes(1), 2))
                    .isInstanceOf(IOException.class);
            assertThat(TruncatedReceive.open()).isEqualTo(before);
            pipe.reader().close();
            pipe.writer().close();
        }
    }

    @Test
    void aClosedSocketIsNotSentAndNoneWithIt() throws IOException {
        LoopbackPair pair = LoopbackPair.open();
        pair.close();
        assertThatThrownBy(() -> SocketPassing.send(sender, bytes(1), List.of(receiver, pair.stream())))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(SocketPassing.receive(receiver, bytes(1), 2).bytes()).isZero();
        assertThatThrownBy(() -> SocketPassing.send(sender, bytes(0), List.of()))
                .hasMessageContaining("bytes");
        sender.close();
        assertThat(SocketPassing.receive(receiver, bytes(1), 2).bytes()).isEqualTo(-1);
    }

    @Test
    void onlyAProcessOfTheSameUserIsAPeer() throws IOException {
        SocketPassing.checkSameUser(sender);
        SocketPassing.checkSameUser(receiver);
        assertThatThrownBy(() -> SocketPassing.checkUser(-2, 5))
                .isInstanceOf(SecurityException.class)
                .hasMessageContaining("the peer has user 4294967294, must be 5");
        try (LoopbackPair pair = LoopbackPair.open()) {
            assertThatThrownBy(() -> SocketPassing.checkSameUser(pair.stream()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aProcessOfAnotherUserIsRefused() throws Exception {
        Path setpriv = Path.of("/usr/bin/setpriv");
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can start a process of another user");
        assumeTrue(Files.isExecutable(setpriv) && Files.isExecutable(Path.of("/usr/bin/nc")), "no setpriv or nc");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path path = directory.resolve("s");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        Process stranger = new ProcessBuilder(
                        setpriv.toString(), "--reuid=65534", "--clear-groups", "/usr/bin/nc", "-U", path.toString())
                .redirectErrorStream(true)
                .start();
        TcpStream accepted = meeting.accept();
        while (accepted == null && stranger.isAlive()) {
            accepted = meeting.accept();
        }
        assumeTrue(accepted != null, "the other user can't reach the directory of this test");
        try (TcpStream peer = accepted) {
            assertThatThrownBy(() -> SocketPassing.checkSameUser(peer))
                    .isInstanceOf(SecurityException.class)
                    .hasMessageContaining("65534");
        } finally {
            stranger.destroyForcibly().waitFor();
        }
    }

    @Test
    void whatAProcessHasNoDescriptorsForIsReportedAndClosed() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "no prlimit");
        String output = ForkedJava.output(TruncatedReceive.class, Map.of(), List.of(), directory.toString());
        assertThat(output).contains("lost").contains("left open: 0");
    }
}
