package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class SocketActivationTest {
    private static Map<String, String> environment(String pid, String count) {
        return Map.of("LISTEN_PID", pid, "LISTEN_FDS", count, "LISTEN_FDNAMES", "web");
    }

    @Test
    void aPassedListenerAcceptsWhatWaitedBeforeItWasTakenOver() throws IOException {
        EpollListener opened = (EpollListener) LoopbackPair.epoll().openListener(LoopbackPair.ANY, 16);
        try (SocketChannel waiting = SocketChannel.open(opened.localAddress())) {
            List<SocketActivation.Passed> passed =
                    SocketActivation.sockets(environment("7", "1"), 7, opened.fd, new AtomicBoolean());

            assertThat(passed).hasSize(1);
            assertThat(passed.get(0).name()).isEqualTo("web");
            TcpListener listener = (TcpListener) passed.get(0).source();
            assertThat(listener.localAddress()).isEqualTo(opened.localAddress());
            TcpStream stream = null;
            while (stream == null) {
                stream = listener.accept();
            }
            assertThat(stream.remoteAddress()).isEqualTo(waiting.getLocalAddress());
            stream.close();
        } finally {
            opened.close();
        }
    }

    @Test
    void anotherProcessesSocketsAreLeftAlone() throws IOException {
        assertThat(SocketActivation.sockets(environment("8", "1"), 7, 3, new AtomicBoolean()))
                .isEmpty();
        assertThat(SocketActivation.sockets(Map.of(), 7, 3, new AtomicBoolean()))
                .isEmpty();
        assertThat(SocketActivation.sockets()).isEmpty();
    }

    @Test
    void whatIsNoSocketOrNoNumberIsRefused() throws IOException {
        int[] number = new int[1];
        Fd.Pipe pipe = Fd.pipe();
        number[0] = pipe.reader().number();
        assertThatThrownBy(() -> SocketActivation.sockets(environment("7", "1"), 7, number[0], new AtomicBoolean()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(String.valueOf(number[0]));
        pipe.writer().close();
        assertThatThrownBy(() -> SocketActivation.sockets(environment("7", "x"), 7, 3, new AtomicBoolean()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("LISTEN_FDS: x");
    }

    @Test
    void whenOneIsRefusedAllThatWerePassedAreClosedAndNoOther() throws IOException {
        List<Fd> opened = new ArrayList<>();
        while (!areConsecutive(opened)) { // numbers in between may be in use
            Fd.Pipe pipe = Fd.pipe();
            opened.add(pipe.reader());
            opened.add(pipe.writer());
        }
        int first = opened.get(opened.size() - 3).number();
        assertThatThrownBy(() -> SocketActivation.sockets(environment("7", "2"), 7, first, new AtomicBoolean()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(String.valueOf(first));
        assertThatThrownBy(() -> Fd.borrow(first)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Fd.borrow(first + 1)).isInstanceOf(IOException.class);
        assertThat(Fd.borrow(first + 2).isOpen()).isTrue();
        for (Fd each : opened) {
            if (each.number() != first && each.number() != first + 1) {
                each.close();
            }
        }
    }

    private static boolean areConsecutive(List<Fd> opened) {
        int size = opened.size();
        return size > 3
                && opened.get(size - 1).number() - opened.get(size - 3).number() == 2
                && opened.get(size - 2).number() - opened.get(size - 3).number() == 1;
    }

    @Test
    void aSecondTakeOverIsRefusedForTheNumbersMayBeOtherDescriptorsByThen() throws IOException {
        AtomicBoolean taken = new AtomicBoolean();
        EpollListener opened = (EpollListener) LoopbackPair.epoll().openListener(LoopbackPair.ANY, 16);
        SocketActivation.sockets(environment("7", "1"), 7, opened.fd, taken);
        assertThatThrownBy(() -> SocketActivation.sockets(environment("7", "1"), 7, opened.fd, taken))
                .isInstanceOf(IllegalStateException.class);
        assertThat(opened.getOption(StandardSocketOptions.SO_REUSEADDR))
                .as("the descriptor is open")
                .isTrue();
        opened.close();
    }
}
