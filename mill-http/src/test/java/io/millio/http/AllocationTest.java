package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.millio.EventLoop;
import io.millio.transport.Transport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/**
 * A request allocates its own two objects, with what they consist of and a copy of its head, and nothing else. What a
 * request allocates shows in every round; what is loaded or compiled at its first use, early or late, shows in some. So
 * the least of some rounds is what counts.
 */
class AllocationTest {
    private static final int EXCHANGES = 5_000;
    private static final int ROUNDS = 10;

    /** What a request takes at most, for a head of up to 40 bytes with one field. */
    private static final int REQUEST_BYTES = 450;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private long bytesARequest(HttpHandler handler, String request, int pipelined) throws IOException {
        ByteBuffer requests = ByteBuffer.allocateDirect(request.length() * pipelined);
        for (int i = 0; i < pipelined; i++) {
            requests.put(request.getBytes(StandardCharsets.US_ASCII));
        }
        int[] answered = new int[1];
        HttpHandler counting = (got, response) -> {
            handler.handle(got, response);
            answered[0]++;
        };
        try (EventLoop loop = EventLoop.builder()
                        .transport(Transport.named("nio"))
                        .direct()
                        .nanoClock(() -> 1) // the date is rendered once
                        .build();
                HttpServer server = HttpServer.builder()
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .loop(loop)
                        .options(HttpOptions.DEFAULT.withClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC)))
                        .handler(counting)
                        .start();
                SocketChannel client = SocketChannel.open(server.localAddress())) {
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long before =
                        threads.getThreadAllocatedBytes(Thread.currentThread().getId());
                exchange(loop, client, requests, answered, pipelined);
                long bytes =
                        threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
                least = Math.min(least, bytes / EXCHANGES / pipelined);
            }
            return least;
        }
    }

    private static void exchange(
            EventLoop loop, SocketChannel client, ByteBuffer requests, int[] answered, int pipelined)
            throws IOException {
        ByteBuffer answers = ByteBuffer.allocateDirect(64 * 1024);
        for (int i = 0; i < EXCHANGES; i++) {
            client.write(requests.clear());
            int until = answered[0] + pipelined;
            while (answered[0] < until) {
                loop.runOnce();
            }
            client.read(answers.clear());
        }
    }

    @Test
    void aPlaintextRequestAllocatesItself() throws IOException {
        Router router = Router.builder()
                .get("/plaintext", (request, response) -> response.send(ServerTest.HELLO))
                .get("/users/{id}", (request, response) -> response.send(ServerTest.HELLO))
                .build();
        assertThat(bytesARequest(router, "GET /plaintext HTTP/1.1\r\nHost: localhost\r\n\r\n", 1))
                .isBetween(1L, (long) REQUEST_BYTES);
        assertThat(bytesARequest(router, "GET /users/7?a HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n", 16))
                .isBetween(1L, REQUEST_BYTES + 150L); // one more field, a parameter
    }

    @Test
    void anAnswerWithFieldsAndBytesAllocatesAListOfThem() throws IOException {
        ByteBuffer body = ByteBuffer.allocate(100);
        assertThat(bytesARequest(
                        (request, response) -> response.status(201)
                                .header("X-One", "1")
                                .contentType("text/plain")
                                .send(body.clear()),
                        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                        1))
                .isBetween(1L, REQUEST_BYTES + 80L);
    }
}
