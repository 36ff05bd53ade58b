package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.memory.MemoryBudget;
import io.millio.net.memory.MemoryUse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What requests keep is counted in the budget of their connections, and counted no more when they are over. */
class HttpMemoryTest extends HttpCase {
    private final MemoryBudget budget = MemoryBudget.builder().maxBytes(1 << 30).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() throws Exception {
        super.close();
        threads.shutdown();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(budget.usedBytes()).as("counted when all have gone").isZero();
    }

    private HttpServer server(HttpHandler handler) throws IOException {
        return HttpServer.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .loop(loop())
                .options(options)
                .memoryBudget(budget)
                .handler(handler)
                .start();
    }

    private long used() {
        List<MemoryUse> top = budget.top(1);
        return top.isEmpty() ? 0 : top.get(0).bytes();
    }

    /** Waits until the only connection has as much as an idle one. */
    private void awaitIdle(long idle) throws InterruptedException {
        until("only the flat part is counted", () -> used() == idle);
    }

    private long idle(Raw client) throws IOException {
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 200 ");
        return used();
    }

    private static void answer(HttpResponse response) {
        response.send("");
    }

    @Test
    void aWholeBodyCountsWhileItIsCollected() throws Exception {
        Raw client = connect(server((request, response) -> {
            if (request.isMethod("GET")) {
                answer(response);
            } else {
                CompletableFuture<?> unused =
                        request.readBody(1 << 20).thenAccept(body -> response.send("" + body.length));
            }
        }));
        long idle = idle(client);
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 100000\n\n");
        client.send("x".repeat(90_000));
        until("it is counted", () -> used() >= idle + 90_000);
        client.send("x".repeat(10_000));
        assertThat(client.answer()).endsWith("100000");
        awaitIdle(idle);
    }

    @Test
    void whatAStreamHasNotReadCounts() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Raw client = connect(server((request, response) -> {
            if (request.isMethod("GET")) {
                answer(response);
                return;
            }
            response.later();
            InputStream body = request.inputStream();
            threads.execute(() -> {
                try {
                    go.await();
                    response.send("" + body.readAllBytes().length);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }));
        long idle = idle(client);
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 60000\n\n");
        client.send("x".repeat(60_000));
        until("it is counted", () -> used() >= idle + 60_000);
        go.countDown();
        assertThat(client.answer()).endsWith("60000");
        awaitIdle(idle);
    }

    @Test
    void aLargeHeadCountsWhileTheRequestIsInProgress() throws Exception {
        CompletableFuture<HttpResponse> pending = new CompletableFuture<>();
        Raw client = connect(server((request, response) -> {
            if (request.isMethod("GET")) {
                answer(response);
            } else {
                response.later();
                pending.complete(response);
            }
        }));
        long idle = idle(client);
        client.send("DELETE / HTTP/1.1\nHost: x\nLarge: " + "x".repeat(8_000) + "\n\n");
        HttpResponse response = pending.get(20, TimeUnit.SECONDS);
        until("it is counted", () -> used() >= idle + 8_000);
        response.send("done");
        assertThat(client.answer()).endsWith("done");
        awaitIdle(idle);
    }

    @Test
    void anIncompleteLargeHeadCountsInTheConnectionAndInTheParser() throws Exception {
        Raw client = connect(server((request, response) -> answer(response)));
        long idle = idle(client);
        client.send("GET / HTTP/1.1\nHost: x\nLarge: " + "x".repeat(8_000));
        until("it is counted twice", () -> used() >= idle + 2 * 8_000);
        client.send("\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 200 ");
        awaitIdle(idle);
    }

    @Test
    void aLargeAnswerCountsUntilTheClientHasTakenIt() throws Exception {
        Raw client = connect(server(
                (request, response) -> response.send("x".repeat(request.target().equals("/large") ? 8 << 20 : 0))));
        long idle = idle(client);
        client.send("GET /large HTTP/1.1\nHost: x\n\n");
        until("it is counted", () -> used() >= idle + (8 << 20));
        assertThat(client.answer()).hasSizeGreaterThan(8 << 20);
        awaitIdle(idle);
    }
}
