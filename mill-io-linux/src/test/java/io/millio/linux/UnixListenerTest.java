package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.TcpListener;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
@EnabledForJreRange(minVersion = 22, disabledReason = "a transport for Java 22")
class UnixListenerTest {
    private static final int ROUNDS = 500;
    private static final int SERVERS = 3;

    @Test
    @Timeout(120)
    void ofServersThatAreStartedAtOnceOnALeftOverFileOneListens(@TempDir Path directory) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(SERVERS);
        try {
            CyclicBarrier start = new CyclicBarrier(SERVERS);
            for (int round = 0; round < ROUNDS; round++) {
                UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket" + round));
                ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(address)
                        .close(); // leaves its file
                Callable<@Nullable TcpListener> server = () -> {
                    start.await();
                    return listen(address);
                };
                List<TcpListener> listening = new ArrayList<>();
                for (Future<@Nullable TcpListener> each : threads.invokeAll(List.of(server, server, server))) {
                    TcpListener listener = each.get();
                    if (listener != null) {
                        listening.add(listener);
                    }
                }
                assertThat(listening).as("in round %s", round).hasSize(1);
                listening.get(0).close();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static @Nullable TcpListener listen(UnixDomainSocketAddress address) throws IOException {
        try {
            return LoopbackPair.epoll().openListener(address, 16);
        } catch (BindException e) {
            return null;
        }
    }
}
