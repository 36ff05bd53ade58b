package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class EpollStreamTest {
    @Test
    void aConnectThatIsNotAnsweredIsPending() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LoopbackPair.ANY, 1)) {
            List<TcpStream> streams = new ArrayList<>();
            for (int i = 0; i < 10; i++) { // more than the backlog takes
                streams.add(LoopbackPair.epoll().openStream(listener.getLocalAddress()));
            }
            TcpStream last = streams.get(streams.size() - 1);
            assertThat(last.finishConnect()).isFalse();
            assertThat(last.isOpen()).isTrue();
            for (TcpStream each : streams) {
                each.close();
            }
        }
    }

    @Test
    void aResetBehindAsManyBytesAsOneCopyTakesIsReportedByTheNextRead() throws IOException {
        try (LoopbackPair pair = LoopbackPair.open()) {
            ByteBuffer sent = ByteBuffer.allocate(65_536);
            while (sent.hasRemaining()) {
                pair.peer().write(sent);
            }
            pair.peer().setOption(StandardSocketOptions.SO_LINGER, 0);
            pair.peer().close();
            ByteBuffer buffer = ByteBuffer.allocate(200_000);
            assertThatThrownBy(() -> {
                        int got;
                        do {
                            got = pair.stream().read(buffer);
                        } while (got >= 0);
                    })
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            assertThat(buffer.position()).isEqualTo(65_536);
        }
    }
}
