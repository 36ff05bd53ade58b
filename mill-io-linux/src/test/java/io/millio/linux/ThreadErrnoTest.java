package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Failures find the call that they belong to, on whatever kind of thread and with others failing beside it. */
class ThreadErrnoTest {
    private static final int THREADS = 4;
    private static final int CALLS = 2_000;

    static Stream<Named<Supplier<ExecutorService>>> kindsOfThread() {
        return Stream.of(
                Named.of("platform threads", () -> Executors.newFixedThreadPool(THREADS)),
                Named.of("virtual threads", Executors::newVirtualThreadPerTaskExecutor));
    }

    @ParameterizedTest
    @MethodSource("kindsOfThread")
    void eachThreadSeesTheFailuresOfItsOwnCalls(Supplier<ExecutorService> kind) throws Exception {
        try (ExecutorService executor = kind.get()) {
            List<Future<Integer>> empty = new ArrayList<>();
            List<Future<Integer>> broken = new ArrayList<>();
            for (int i = 0; i < THREADS / 2; i++) {
                empty.add(executor.submit(ThreadErrnoTest::readNothing));
                broken.add(executor.submit(ThreadErrnoTest::writeToAReset));
            }
            for (Future<Integer> each : empty) {
                assertThat(each.get()).as("reads that found nothing").isEqualTo(CALLS);
            }
            for (Future<Integer> each : broken) {
                assertThat(each.get()).as("writes that failed as they should").isEqualTo(CALLS);
            }
        }
    }

    private static int readNothing() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64);
        int nothing = 0;
        try (LoopbackPair pair = LoopbackPair.open()) {
            for (int i = 0; i < CALLS; i++) {
                nothing += pair.stream().read(buffer) == 0 ? 1 : 0; // EAGAIN
            }
        }
        return nothing;
    }

    private static int writeToAReset() throws IOException {
        ByteBuffer byteToSend = ByteBuffer.allocateDirect(1);
        int failed = 0;
        try (LoopbackPair pair = LoopbackPair.open()) {
            pair.peer().setOption(StandardSocketOptions.SO_LINGER, 0).close();
            for (int i = 0; i < CALLS; i++) {
                assertThatThrownBy(() -> pair.stream().write(byteToSend))
                        .isInstanceOf(IOException.class)
                        .hasMessageMatching(
                                "(Connection reset by peer|Broken pipe): writing .*"); // ECONNRESET, then EPIPE
                failed++;
            }
        }
        return failed;
    }
}
