package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.WriteResult;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Other threads answer, virtual ones where there are any: what they ask for happens in the loop and nowhere else. The
 * loop is held meanwhile, so what happens all the same has not come by it.
 */
class ConfinementTest extends HttpCase {
    private static final int LARGE_BYTES = 50_000;

    @TempDir
    private Path directory;

    private final ExecutorService elsewhere = virtualThreads();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    // Whether each happened in the loop.
    private final List<Boolean> logged = new CopyOnWriteArrayList<>();
    private final List<Boolean> heard = new CopyOnWriteArrayList<>();

    /** By reflection, because this is compiled for 17. */
    private static ExecutorService virtualThreads() {
        if (Runtime.version().feature() < 21) {
            return Executors.newCachedThreadPool();
        }
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (IllegalAccessException | NoSuchMethodException | InvocationTargetException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    @AfterEach
    void endThreads() throws InterruptedException {
        goOn.countDown();
        elsewhere.shutdown();
        assertThat(elsewhere.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The loop does nothing more until the test lets it go on. */
    private void holdLoop() {
        loop().execute(() -> {
            held.countDown();
            await(goOn);
        });
        await(held);
    }

    private void hear() {
        heard.add(loop().inLoop());
    }

    /** How an answer is given. */
    enum Way {
        SEND,
        LARGE,
        PREPARED,
        CHUNKED,
        ANNOUNCED,
        FILE,
        ERROR,
        FAIL;

        void answer(HttpResponse response, Path file) {
            ByteBuffer bytes = ByteBuffer.wrap("answer".getBytes(StandardCharsets.US_ASCII));
            switch (this) {
                case SEND -> response.send(bytes);
                case LARGE -> response.send(new byte[LARGE_BYTES]);
                case PREPARED -> response.send(PreparedResponse.text("answer"));
                case CHUNKED -> {
                    response.start();
                    response.write(bytes);
                    response.end();
                }
                case ANNOUNCED -> {
                    response.start(LARGE_BYTES + bytes.remaining());
                    response.write(ByteBuffer.allocate(LARGE_BYTES));
                    response.write(bytes);
                    response.end();
                }
                case FILE -> response.sendFile(file, 0, 6);
                case ERROR -> response.error(403);
                case FAIL -> response.fail(new HttpException(403, "planned"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void whatAnotherThreadAnswersLeavesByTheLoop(Way way) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "answer");
        CountDownLatch answered = new CountDownLatch(1);
        options = options.withAccessLog((request, status, bytes, complete, nanos) -> logged.add(loop().inLoop()));
        Raw client = connect(serveLater((request, response) -> {
            hear();
            if (request.isPath("/next")) {
                response.send("next");
                return;
            }
            elsewhere.execute(() -> {
                holdLoop();
                way.answer(response, file);
                answered.countDown();
            });
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\nGET /next HTTP/1.1\nHost: x\n\n");
        await(answered);
        assertThat(client.socket.getInputStream().available()).isZero();
        assertThat(logged).isEmpty();
        assertThat(heard).hasSize(1);

        goOn.countDown();
        assertThat(client.answer())
                .startsWith("HTTP/1.1 " + (way == Way.ERROR || way == Way.FAIL ? "403 " : "200 "))
                .doesNotContain("Connection: close");
        assertThat(client.answer()).endsWith("next");
        assertThat(heard).containsExactly(true, true);
        client.send("GET /next HTTP/1.1\nHost: x\n\n"); // when that is answered, all before it has been logged
        client.answer();
        assertThat(logged).startsWith(true, true).doesNotContain(false);
    }

    private class Body implements BodyReader {
        private final HttpResponse response;
        private int length;

        Body(HttpResponse response) {
            this.response = response;
        }

        @Override
        public void onData(ByteBuffer bytes) {
            hear();
            length += bytes.remaining();
        }

        @Override
        public void onEnd() {
            hear();
            response.send("" + length);
        }

        @Override
        public void onFailure(Throwable failure) {
            hear();
        }
    }

    @Test
    void aBodyThatAnotherThreadRequestsIsDeliveredByTheLoop() throws IOException {
        CountDownLatch asked = new CountDownLatch(1);
        Raw client = connect(serveLater((request, response) -> elsewhere.execute(() -> {
            holdLoop();
            request.body(new Body(response));
            asked.countDown();
        })));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 4\nExpect: 100-continue\n\nbody");
        await(asked);
        assertThat(heard).isEmpty();
        assertThat(client.socket.getInputStream().available()).isZero();
        goOn.countDown();
        assertThat(client.head()).isEqualTo("HTTP/1.1 100 Continue\n");
        assertThat(client.answer()).endsWith("\n\n4");
        assertThat(heard).isNotEmpty().doesNotContain(false);
    }

    @Test
    void thatThereIsNoBodyIsReportedByTheLoop() throws IOException {
        CountDownLatch asked = new CountDownLatch(1);
        Raw client = connect(serveLater((request, response) -> elsewhere.execute(() -> {
            holdLoop();
            request.body(new Body(response));
            asked.countDown();
        })));
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        await(asked);
        assertThat(heard).isEmpty();
        goOn.countDown();
        assertThat(client.answer()).endsWith("\n\n0");
        assertThat(heard).containsExactly(true);
    }

    @Test
    void thatABodyIsTooLongIsReportedByTheLoop() throws IOException {
        CountDownLatch asked = new CountDownLatch(1);
        Raw client = connect(serveLater((request, response) -> elsewhere.execute(() -> {
            holdLoop();
            CompletableFuture<?> unused = request.readBody(3).whenComplete((body, failure) -> {
                hear();
                response.fail(failure);
            });
            asked.countDown();
        })));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 4\n\nbody");
        await(asked);
        assertThat(heard).isEmpty();
        goOn.countDown();
        assertThat(client.answer()).startsWith("HTTP/1.1 413 ");
        assertThat(heard).containsExactly(true);
    }

    /** All data has been delivered, but not the end, which needs no bytes: so only the resume is awaited. */
    @Test
    void theEndOfABodyThatAnotherThreadResumesIsDeliveredByTheLoop() throws IOException {
        CountDownLatch resumed = new CountDownLatch(1);
        Raw client = connect(serve((request, response) -> request.body(new Body(response) {
            @Override
            public void onData(ByteBuffer bytes) {
                super.onData(bytes);
                request.pauseBody();
                elsewhere.execute(() -> {
                    holdLoop();
                    request.resumeBody();
                    resumed.countDown();
                });
            }
        })));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 4\n\nbody");
        await(resumed);
        assertThat(heard).containsExactly(true);
        goOn.countDown();
        assertThat(client.answer()).endsWith("\n\n4");
        assertThat(heard).containsExactly(true, true);
    }

    @Test
    void aBodyThatAnotherThreadResumesIsDeliveredByTheLoop() throws IOException {
        CountDownLatch resumed = new CountDownLatch(1);
        Raw client = connect(serve((request, response) -> {
            request.pauseBody();
            request.body(new Body(response));
            elsewhere.execute(() -> {
                holdLoop();
                request.resumeBody();
                resumed.countDown();
            });
        }));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 4\n\nbody");
        await(resumed);
        assertThat(heard).isEmpty();
        goOn.countDown();
        assertThat(client.answer()).endsWith("\n\n4");
        assertThat(heard).isNotEmpty().doesNotContain(false);
    }

    @Test
    void whoeverWritesIsCalledBackByTheLoop() throws IOException {
        CountDownLatch full = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        Raw client = connect(serveLater((request, response) -> {
            response.onClosed(() -> {
                hear();
                gone.countDown();
            });
            response.onWritable(() -> {
                hear();
                response.end();
            });
            elsewhere.execute(() -> {
                response.start();
                while (response.write(ByteBuffer.allocate(LARGE_BYTES)) == WriteResult.CONTINUE) {
                    // until the client, who does not read, holds it up
                }
                full.countDown();
            });
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        await(full);
        client.answer();
        assertThat(heard).containsExactly(true);

        heard.clear();
        Raw other = connect(serveLater((request, response) -> {
            response.onClosed(() -> {
                hear();
                gone.countDown();
            });
            elsewhere.execute(() -> request.connection().abort());
        }));
        other.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(other.ends()).isTrue();
        await(gone);
        assertThat(heard).containsExactly(true);
    }
}
