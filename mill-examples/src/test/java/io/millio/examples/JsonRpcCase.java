package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.examples.jsonrpc.ExampleMethods;
import io.millio.examples.jsonrpc.Framing;
import io.millio.examples.jsonrpc.JsonRpc;
import io.millio.examples.jsonrpc.RpcConnections;
import io.millio.net.TcpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** The example's service with a slow method that ends when the test lets it; a server on a loop, and clients. */
abstract class JsonRpcCase {
    static final int MAX_MESSAGE = 100_000;

    /** How many of the calls of {@code wait} may end. */
    final Semaphore permits = new Semaphore(0);

    final AtomicInteger begun = new AtomicInteger();
    final AtomicInteger mostAtOnce = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();

    final JsonRpc service = ExampleMethods.addTo(JsonRpc.builder())
            .maxMessageBytes(MAX_MESSAGE)
            .slowMethod("wait", (params, result) -> {
                begun.incrementAndGet();
                mostAtOnce.accumulateAndGet(running.incrementAndGet(), Math::max);
                permits.acquire();
                running.decrementAndGet();
                result.writeString("waited");
            })
            .build();
    final EventLoop loop = EventLoop.lowLatency();

    @AfterEach
    final void close() {
        permits.release(1 << 20);
        loop.close();
    }

    final TcpServer serve(Framing framing, int maxInFlight) throws IOException {
        RpcConnections connections = new RpcConnections(service, framing, maxInFlight);
        TcpServer server = TcpServer.builder()
                .address("127.0.0.1", 0)
                .loop(loop)
                .options(connections.options())
                .handlers(connection -> connections.newHandler())
                .start();
        loop.start();
        return server;
    }

    static Socket connect(TcpServer server) throws IOException {
        InetSocketAddress at = (InetSocketAddress) server.localAddress();
        Socket socket = new Socket(at.getAddress(), at.getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    static String call(String method, String params, int id) {
        return "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":" + params + ",\"id\":" + id + "}";
    }

    static String result(String value, int id) {
        return "{\"jsonrpc\":\"2.0\",\"result\":" + value + ",\"id\":" + id + "}";
    }

    static void send(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    static String line(Socket from) throws IOException {
        StringBuilder line = new StringBuilder();
        InputStream in = from.getInputStream();
        for (int each; (each = in.read()) != '\n'; ) {
            if (each < 0) {
                return line + "(end)";
            }
            line.append((char) each);
        }
        return line.toString();
    }

    final String batchOfWaits(int calls) {
        return IntStream.range(0, calls)
                .mapToObj(id -> call("wait", "[]", id))
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** Returns when the loop has had two turns: what was read before has been looked at. */
    final void haveTwoTurns() throws InterruptedException {
        CountDownLatch turns = new CountDownLatch(1);
        loop.execute(() -> loop.execute(turns::countDown));
        turns.await();
    }

    final long submitted() {
        return loop.computePool().stats().submitted();
    }

    final void awaitSubmitted(int calls) {
        while (submitted() < calls) {
            Thread.onSpinWait();
        }
    }

    final void awaitBegun(int calls) {
        while (begun.get() < calls) {
            Thread.onSpinWait();
        }
    }

    final void awaitNoneRunning() {
        while (running.get() > 0) {
            Thread.onSpinWait();
        }
    }

    /** Ends each call when it has begun and the loop has had two turns, in which no other may have begun. */
    final void letRunOneByOne(int calls) throws InterruptedException {
        for (int i = 1; i <= calls; i++) {
            awaitBegun(i);
            haveTwoTurns();
            assertThat(submitted()).isEqualTo(i);
            permits.release();
        }
    }
}
