package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What this module opens is closed in programs that the process starts: a server that has ended keeps no port. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
@EnabledForJreRange(minVersion = 22, disabledReason = "a transport for Java 22")
class CloseOnExecTest {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final int O_CLOEXEC = 02000000;

    /** The descriptors of this process, and what they are. */
    private static Map<String, String> open() throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path each : all) {
                String target = Files.readSymbolicLink(each).toString();
                if (!target.startsWith("/proc/")) { // not the one of the listing, whose number is the next one's
                    found.put(each.getFileName().toString(), target);
                }
            }
        }
        return found;
    }

    private static boolean isClosedOnExec(String descriptor) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo", descriptor))) {
            if (line.startsWith("flags:")) {
                return (Integer.parseInt(line.substring(6).strip(), 8) & O_CLOEXEC) != 0;
            }
        }
        throw new AssertionError("no flags of descriptor " + descriptor);
    }

    @Test
    void everyDescriptorIsClosedOnExec() throws Exception {
        Set<String> others = new HashSet<>(open().keySet());
        try (TcpListener listener = LoopbackPair.epoll().openListener(LoopbackPair.ANY, 4)) {
            Set<String> before = open().keySet();
            try (SocketChannel peer = SocketChannel.open(listener.localAddress())) {
                open().keySet().stream().filter(each -> !before.contains(each)).forEach(others::add);
                checkAll(listener, others);
                assertThat(peer.isOpen()).isTrue();
            }
        }
    }

    /** One of each kind, but for those of the platform, which closes its own before it starts a program. */
    private static void checkAll(TcpListener listener, Set<String> others) throws IOException {
        try (Poller poller = LoopbackPair.epoll().openPoller(4, System::nanoTime);
                TcpStream connecting = LoopbackPair.epoll().openStream(listener.localAddress());
                TcpStream accepted = accept(listener);
                UdpSocket udp = LoopbackPair.epoll().openUdp(LoopbackPair.ANY, SocketSettings.NONE);
                Inotify inotify = Inotify.open()) {
            poller.add(accepted, "a", Interest.READABLE);
            Fd.Pipe pipe = Fd.pipe();
            Map<String, String> opened = open();
            opened.keySet().removeAll(others);
            assertThat(opened)
                    .as("listener, poller and its waker, stream, stream, udp, inotify, pipe")
                    .hasSizeGreaterThanOrEqualTo(9);
            for (String each : opened.keySet()) {
                assertThat(isClosedOnExec(each))
                        .as("%s, which is %s, is closed on exec", each, opened.get(each))
                        .isTrue();
            }
            pipe.reader().close();
            pipe.writer().close();
            assertThat(connecting.isOpen() && udp.isOpen() && inotify.isOpen()).isTrue();
        }
    }

    private static TcpStream accept(TcpListener listener) throws IOException {
        TcpStream accepted = listener.accept();
        while (accepted == null) {
            accepted = listener.accept();
        }
        return accepted;
    }
}
