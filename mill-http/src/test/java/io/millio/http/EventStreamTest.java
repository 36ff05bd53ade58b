package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.WriteResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Server-sent events, and answers that end when the server drains. */
class EventStreamTest extends HttpCase {
    private static final String GET = "GET / HTTP/1.1\nHost: x\n\n";
    private static final String HEAD = """
            HTTP/1.1 200 OK
            Content-Type: text/event-stream
            Cache-Control: no-cache
            Transfer-Encoding: chunked

            """;

    @Test
    void anEventIsFramedLineByLine() throws Exception {
        Raw client = connect(serve((request, response) -> {
            try (EventStream events = EventStream.start(request, response)) {
                assertThat(events.send("one")).isEqualTo(WriteResult.CONTINUE);
                events.send("tick", "7", "a\nb\r\nc\rd\n\nf");
                events.send("");
                assertThatThrownBy(() -> events.send("a\nb", null, "")).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> events.send(null, "a\rb", "")).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> events.send(null, "a\0b", "")).isInstanceOf(IllegalArgumentException.class);
            }
        }));
        client.send(GET);
        assertThat(client.answer()).isEqualTo(HEAD + """
                        data: one

                        event: tick
                        id: 7
                        data: a
                        data: b
                        data: c
                        data: d
                        data:\s
                        data: f

                        data:\s

                        """);
    }

    @Test
    void aClientThatReconnectsSaysWhichEventItHadLast() throws Exception {
        Raw client = connect(serve((request, response) -> {
            response.header("Cache-Control", "no-store");
            try (EventStream events = EventStream.start(request, response)) {
                events.send(String.valueOf(events.lastEventId()));
            }
        }));
        client.send("GET / HTTP/1.1\nHost: x\nLast-Event-ID: 41\n\n");
        assertThat(client.answer()).contains("Cache-Control: no-store\n").endsWith("data: 41\n\n");
        client.send(GET);
        assertThat(client.answer()).endsWith("data: null\n\n");
    }

    @Test
    void headIsAnsweredWithoutEvents() throws Exception {
        AtomicReference<WriteResult> result = new AtomicReference<>();
        CountDownLatch closed = new CountDownLatch(1);
        Raw client = connect(serve((request, response) -> {
            EventStream events = EventStream.start(request, response).onClosed(closed::countDown);
            result.set(events.send("one"));
        }));
        client.send("HEAD / HTTP/1.1\nHost: x\n\n");
        assertThat(client.head()).contains("text/event-stream");
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(result.get()).isEqualTo(WriteResult.CLOSED);
        client.send("HEAD / HTTP/1.1\nHost: x\n\n");
        assertThat(client.head()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aHeartbeatIsACommentAndEndsWithTheStream() throws Exception {
        AtomicReference<EventStream> stream = new AtomicReference<>();
        Raw client = connect(serve((request, response) ->
                stream.set(EventStream.start(request, response).heartbeat(Duration.ofMillis(5)))));
        client.send(GET);
        client.head();
        assertThat(client.body(16)).isEqualTo("3\r\n:\n\n\r\n3\r\n:\n\n\r\n");
        stream.get().close();
        until("its timer has gone", () -> loop().stats().timers() <= 1); // the connection's own deadline
        assertThat(stream.get().isOpen()).isFalse();
    }

    @Test
    void aClientThatLeavesEndsTheStreamOnce() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        AtomicReference<EventStream> stream = new AtomicReference<>();
        HttpServer server = serve((request, response) -> stream.set(EventStream.start(request, response)
                .onClosed(closed::incrementAndGet)
                .heartbeat(Duration.ofHours(1))));
        Raw client = connect(server);
        client.send(GET);
        client.head();
        client.close();
        until("it is closed", () -> closed.get() == 1);
        stream.get().close();
        assertThat(stream.get().send("late")).isEqualTo(WriteResult.CLOSED);
        CountDownLatch late = new CountDownLatch(1);
        stream.get().onClosed(late::countDown);
        assertThat(late.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(closed).hasValue(1);
    }

    @Test
    void aHandlerThatFailsAfterTheStartEndsTheStream() throws Exception {
        expectErrors();
        AtomicInteger closed = new AtomicInteger();
        HttpServer server = serve((request, response) -> {
            EventStream unused = EventStream.start(request, response)
                    .onClosed(closed::incrementAndGet)
                    .heartbeat(Duration.ofHours(1));
            throw new IllegalStateException("planted");
        });
        Raw client = connect(server);
        client.send(GET);
        client.restOrReset();
        until("it is closed", () -> closed.get() == 1);
        until("it has gone", () -> server.connections() == 0);
        until("it is reported", () -> errors.size() == 1);
    }

    @Test
    void aDrainEndsTheStreamAndTheServerBeforeTheDeadline() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        HttpServer server = serve((request, response) -> {
            EventStream unused = EventStream.start(request, response)
                    .onClosed(closed::countDown)
                    .heartbeat(Duration.ofHours(1));
        });
        Raw client = connect(server);
        client.send(GET);
        client.head();
        assertThat(server.isDraining()).isFalse();
        CompletableFuture<Boolean> drained = server.close(Duration.ofHours(1));
        assertThat(server.isDraining()).isTrue();
        assertThat(client.rest()).isEqualTo("0\r\n\r\n");
        client.close();
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anActionForTheDrainThatIsSetLateRunsOnce() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch draining = new CountDownLatch(1);
        HttpServer server = serveLater((request, response) -> {
            response.start();
            Thread late = new Thread(() -> {
                try {
                    draining.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                response.onDrain(() -> {
                    runs.incrementAndGet();
                    response.end();
                });
            });
            late.start();
        });
        Raw client = connect(server);
        client.send(GET);
        client.head();
        CompletableFuture<Boolean> drained = server.close(Duration.ofHours(1));
        CountDownLatch turn = new CountDownLatch(1);
        loop().execute(turn::countDown); // behind the drain
        assertThat(turn.await(20, TimeUnit.SECONDS)).isTrue();
        draining.countDown();
        assertThat(client.rest()).isEqualTo("0\r\n\r\n");
        client.close();
        assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(1);
    }

    @Test
    void anActionForTheDrainThatFailsEndsTheConnection() throws Exception {
        expectErrors();
        HttpServer server = serve((request, response) -> {
            response.start();
            response.onDrain(() -> {
                throw new IllegalStateException("planted");
            });
        });
        Raw client = connect(server);
        client.send(GET);
        client.head();
        CompletableFuture<Boolean> drained = server.close(Duration.ofHours(1));
        assertThat(client.restOrReset()).isEmpty();
        assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
        until("it is reported", () -> errors.size() == 1);
    }
}
