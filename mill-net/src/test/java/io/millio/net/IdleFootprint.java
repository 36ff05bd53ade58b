package io.millio.net;

import io.millio.EventLoop;
import io.millio.pool.BufferPool;
import io.millio.transport.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints how much heap an idle connection of a server takes: of all objects, those of the platform included. The
 * clients are in a process of their own. Arguments: transport, connections, idle timeout in seconds (0: none).
 */
final class IdleFootprint {
    private static final String CLIENTS = "clients";

    private IdleFootprint() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals(CLIENTS)) {
            connect(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
            return;
        }
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
            long first = usedWith(1, server, loop); // what the first one makes is there for all
            long all = usedWith(count + 1, server, loop);
            System.out.printf(
                    "%s: %d connections, %d bytes each, %d bytes of buffers leased%n",
                    transport, count, (all - first) / count, pool.stats().leasedBytes());
        }
    }

    /** Heap in use when so many have connected; they have gone again afterwards. */
    private static long usedWith(int connections, TcpServer server, EventLoop loop) throws Exception {
        Process clients = clients(server.localAddress(), connections);
        try {
            while (server.connections() < connections) {
                if (!clients.isAlive()) {
                    throw new IOException("the clients have ended with " + server.connections() + " connections");
                }
                loop.runOnce();
            }
            return usedBytes();
        } finally {
            clients.getOutputStream().close();
            while (server.connections() > 0) {
                loop.runOnce();
            }
        }
    }

    private static Process clients(SocketAddress server, int count) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                IdleFootprint.class.getName(),
                CLIENTS,
                String.valueOf(((InetSocketAddress) server).getPort()),
                String.valueOf(count));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Runs the process of the clients: connects, and stays until the process that started it has ended. */
    private static void connect(int port, int count) throws IOException {
        List<SocketChannel> clients = new ArrayList<>();
        while (clients.size() < count) {
            clients.add(SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
        }
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            while (in.readLine() != null) {}
        }
        for (SocketChannel client : clients) {
            client.close();
        }
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }
}
