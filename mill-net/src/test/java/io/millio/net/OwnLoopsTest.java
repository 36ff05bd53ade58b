package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.net.pool.ConnectionPool;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers and clients on loops of their own, which run on the system's clock. */
@Timeout(60)
class OwnLoopsTest {
    private static final Duration MILLI = Duration.ofMillis(1);

    private static TcpServer serve() throws Exception {
        return TcpServer.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .ownLoops(2)
                .handler((connection, bytes) -> {})
                .start();
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    /** Has a callback of a loop wait until the gate opens. */
    private static void block(EventLoop loop, CountDownLatch gate) throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        loop.execute(() -> {
            stuck.countDown();
            boolean interrupted = false;
            while (gate.getCount() > 0) {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        });
        stuck.await();
    }

    private static boolean isDone(CompletableFuture<Boolean> future) throws Exception {
        return future.get(40, TimeUnit.SECONDS);
    }

    // Behaviour 37
    @Test
    void closingAServerEndsInTimeThoughACallbackIsStuck() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (TcpServer server = serve();
                TcpClient client = TcpClient.create()) {
            try {
                client.connect(server.localAddress(), (connection, bytes) -> {}).join();
                await(() -> server.connections() == 1);
                for (EventLoop loop : server.loops()) {
                    block(loop, gate);
                }
                CompletableFuture<Boolean> closed = server.close(MILLI);
                CompletableFuture<Boolean> again = server.close(Duration.ofHours(1));
                assertThat(isDone(closed)).isFalse();
                assertThat(isDone(again)).isFalse();
            } finally {
                gate.countDown();
            }
            await(() -> server.loops().stream().allMatch(EventLoop::isClosed));
        }
    }

    // Behaviour 37
    @Test
    void closingAPoolEndsInTimeThoughACallbackIsStuck() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (TcpClient client = TcpClient.create();
                ConnectionPool pool = ConnectionPool.builder(client).build()) {
            try {
                block(pool.loop(), gate);
                assertThat(isDone(pool.close(MILLI))).isFalse();
                assertThat(isDone(pool.close(Duration.ofHours(1)))).isFalse();
            } finally {
                gate.countDown();
            }
        }
    }

    // Behaviour 42
    /** Time is measured by another loop, which wakes up every 100 ms. */
    @Test
    void idleServersAndClientsDoNotWakeUp() throws Exception {
        try (TcpServer server = serve();
                TcpClient client = TcpClient.create();
                EventLoop other = EventLoop.create()) {
            other.start();
            List<EventLoop> loops = new ArrayList<>(server.loops());
            loops.addAll(client.loops());
            for (EventLoop loop : loops) {
                CompletableFuture.runAsync(() -> {}, loop).join();
            }
            long first = other.stats().turns();
            await(() -> other.stats().turns() > first + 2); // what they had to do at the start is done
            List<Long> before = loops.stream().map(each -> each.stats().turns()).toList();
            long then = other.stats().turns();
            await(() -> other.stats().turns() > then + 5);
            assertThat(loops).extracting(each -> each.stats().turns()).containsExactlyElementsOf(before);
        }
    }
}
