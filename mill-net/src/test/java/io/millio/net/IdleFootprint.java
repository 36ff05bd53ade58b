package io.millio.net;

import io.millio.EventLoop;
import io.millio.pool.BufferPool;
import io.millio.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Prints how much heap an idle connection takes: of all objects, those of the platform included. Arguments: transport, connections,
 * idle timeout in seconds (0: none).
 */
final class IdleFootprint {
    private IdleFootprint() {}

    public static void main(String[] args) throws Exception {
        String transport = args.length > 0 ? args[0] : "nio";
        int count = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
        long idleSeconds = args.length > 2 ? Long.parseLong(args[2]) : 0;
        BufferPool pool = BufferPool.builder().build();
        try (EventLoop loop = EventLoop.builder()
                        .transport(Transport.named(transport))
                        .direct()
                        .build();
                TcpServer server = TcpServer.builder()
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .loop(loop)
                        .options(ConnectionOptions.DEFAULT
                                .withBuffers(pool)
                                .withIdleTimeout(Duration.ofSeconds(idleSeconds)))
                        .handler(Connection::write)
                        .start()) {
            // The clients' own objects are weighed first, on connections that nobody has accepted yet.
            List<SocketChannel> clients = new ArrayList<>();
            long before = usedBytes();
            for (int i = 0; i < count; i++) {
                clients.add(SocketChannel.open(server.localAddress()));
                if (i % 1000 == 999) {
                    // the backlog is finite
                    while (server.connections() <= i) {
                        loop.runOnce();
                    }
                }
            }
            while (server.connections() < count) {
                loop.runOnce();
            }
            long both = usedBytes() - before;
            long atPeak = usedBytes();
            CompletableFuture<Boolean> unused = server.close(Duration.ZERO);
            while (server.connections() > 0) {
                loop.runOnce();
            }
            loop.runOnce();
            long freed = atPeak - usedBytes();
            System.out.printf(
                    "%s: %d connections, %d bytes each (%d with the clients' channels), %d bytes of buffers leased%n",
                    transport, count, freed / count, both / count, pool.stats().leasedBytes());
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    private static long usedBytes() throws InterruptedException {
        Runtime runtime = Runtime.getRuntime();
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }
}
