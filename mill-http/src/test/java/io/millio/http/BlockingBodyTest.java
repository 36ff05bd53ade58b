package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams for threads that block, and bodies that go to files. */
class BlockingBodyTest extends HttpCase {
    private static final String GET = "GET / HTTP/1.1\nHost: x\n\n";

    private final ExecutorService elsewhere = Executors.newCachedThreadPool();

    /** Those that run handlers. */
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    /** What the streams have thrown. */
    private final List<Throwable> thrown = new CopyOnWriteArrayList<>();

    @TempDir
    Path directory;

    @AfterEach
    void stop() throws InterruptedException {
        elsewhere.shutdown();
        assertThat(elsewhere.awaitTermination(20, TimeUnit.SECONDS))
                .as("no thread is left blocked")
                .isTrue();
    }

    /** A handler that may block; what it throws is written down and goes on to the server. */
    private HttpHandler blocking(HttpHandler handler) {
        return HttpHandler.on(elsewhere, (request, response) -> {
            threads.add(Thread.currentThread());
            try {
                handler.handle(request, response);
            } catch (Throwable t) {
                thrown.add(t);
                throw t;
            }
        });
    }

    private void awaitBlocked(int count) throws InterruptedException {
        until(
                "they wait",
                () -> threads.size() == count
                        && threads.stream().allMatch(each -> each.getState() == Thread.State.WAITING));
    }

    private static String post(int length) {
        return "POST / HTTP/1.1\nHost: x\nContent-Length: " + length + "\n\n";
    }

    @Test
    void aBodyIsReadAndAnsweredThroughStreams() throws Exception {
        options = options.withMaxBodyBytes(10 << 20);
        Raw client = connect(serve(blocking((request, response) -> {
            try (InputStream in = request.inputStream();
                    OutputStream out = response.outputStream()) {
                assertThat(in.transferTo(out)).isEqualTo(3 << 20);
                assertThat(in.read()).isEqualTo(-1);
            }
        })));
        String body = "0123456789abcdef".repeat(3 << 16);
        CompletableFuture<?> sending = CompletableFuture.runAsync(
                () -> {
                    try {
                        client.send(post(body.length())).sendExactly(body);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                },
                elsewhere);
        assertThat(client.answer()).contains("Transfer-Encoding: chunked\n").endsWith(body);
        sending.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aShortAnswerHasALength() throws Exception {
        Raw client = connect(serve(blocking((request, response) -> {
            try (OutputStream out = response.contentType("text/plain").outputStream()) {
                out.write('a');
                out.write("bc".getBytes(StandardCharsets.US_ASCII));
            }
        })));
        client.send(GET);
        assertThat(client.answer()).contains("Content-Length: 3\n").endsWith("\n\nabc");
        client.send(GET.replace("GET", "HEAD"));
        assertThat(client.head()).contains("Content-Length: 3\n");
        client.send(GET);
        assertThat(client.answer()).endsWith("\n\nabc");
    }

    @Test
    void aFlushSendsTheHeadAndWhatIsWritten() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        Raw client = connect(serve(blocking((request, response) -> {
            response.start(4);
            OutputStream out = response.outputStream();
            out.write("ab".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            assertThat(seen.await(20, TimeUnit.SECONDS)).isTrue();
            out.write("cd".getBytes(StandardCharsets.US_ASCII));
            out.close();
            out.close();
            assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
        })));
        client.send(GET);
        assertThat(client.head()).contains("Content-Length: 4\n");
        assertThat(client.body(2)).isEqualTo("ab");
        seen.countDown();
        assertThat(client.body(2)).isEqualTo("cd");
    }

    @Test
    void theLoopsThreadDoesNotBlock() throws Exception {
        Raw client = connect(serve((request, response) -> {
            InputStream in = request.inputStream();
            OutputStream out = response.outputStream();
            assertThatThrownBy(in::read).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> out.write(1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(out::close).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(request::inputStream).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> request.readBody(1)).isInstanceOf(IllegalStateException.class);
            response.send("not blocked");
        }));
        client.send(post(3) + "abc");
        assertThat(client.answer()).endsWith("not blocked");
    }

    @Test
    void aBodyIsPausedWhileNoThreadReadsIt() throws Exception {
        options = options.withMaxBodyBytes(64 << 20);
        AtomicReference<HttpRequest> asked = new AtomicReference<>();
        CountDownLatch read = new CountDownLatch(1);
        Raw client = connect(serve(blocking((request, response) -> {
            InputStream in = request.inputStream();
            asked.set(request);
            assertThat(read.await(20, TimeUnit.SECONDS)).isTrue();
            response.send(String.valueOf(in.readAllBytes().length));
        })));
        int length = 32 << 20;
        CompletableFuture<?> sending = CompletableFuture.runAsync(
                () -> {
                    try {
                        client.send(post(length)).sendExactly("x".repeat(length));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                },
                elsewhere);
        until(
                "it is paused",
                () -> asked.get() != null && asked.get().connection().isReadingPaused());
        assertThat(sending).isNotDone();
        read.countDown();
        assertThat(client.answer()).endsWith("\n\n" + length);
        sending.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aClientThatLeavesWakesTheThreadThatReads() throws Exception {
        HttpServer server = serve(blocking((request, response) -> {
            int unused = request.inputStream().readAllBytes().length;
        }));
        Raw client = connect(server);
        client.send(post(3) + "a");
        awaitBlocked(1);
        client.close();
        until("it is woken", () -> thrown.size() == 1);
        assertThat(thrown.get(0)).isInstanceOf(IOException.class).hasMessageContaining("body");
    }

    @Test
    void aClientThatLeavesWakesTheThreadThatWrites() throws Exception {
        HttpServer server = serve(blocking((request, response) -> {
            OutputStream out = response.outputStream();
            while (true) {
                out.write(new byte[100_000]);
            }
        }));
        Raw client = connect(server);
        client.send(GET);
        awaitBlocked(1);
        client.close();
        until("it is woken", () -> thrown.size() == 1);
        assertThat(thrown.get(0)).isInstanceOf(IOException.class);
    }

    @Test
    void aCloseOfTheServerWakesThreads() throws Exception {
        HttpServer server = serve(blocking((request, response) -> {
            if (request.isMethod("POST")) {
                InputStream in = request.inputStream();
                assertThat(in.read()).isEqualTo('a');
                int unused = in.read();
            } else {
                OutputStream out = response.outputStream();
                while (true) {
                    out.write(new byte[100_000]);
                }
            }
        }));
        Raw reads = connect(server);
        reads.send(post(3) + "a");
        Raw writes = connect(server);
        writes.send(GET);
        awaitBlocked(2);
        server.close();
        until("they are woken", () -> thrown.size() == 2);
        assertThat(thrown).allMatch(each -> each instanceof IOException);
    }

    @Test
    void anInterruptWakesTheThreadThatReadsAndTheOneThatWrites() throws Exception {
        expectErrors();
        List<Boolean> interrupted = new CopyOnWriteArrayList<>();
        HttpServer server = serve(blocking((request, response) -> {
            try {
                if (request.isMethod("POST")) {
                    int unused = request.inputStream().readAllBytes().length;
                } else {
                    OutputStream out = response.outputStream();
                    while (true) {
                        out.write(new byte[100_000]);
                    }
                }
            } finally {
                interrupted.add(Thread.interrupted());
            }
        }));
        Raw reads = connect(server);
        reads.send(post(3) + "a");
        Raw writes = connect(server);
        writes.send(GET);
        awaitBlocked(2);
        threads.forEach(Thread::interrupt);
        until("they are woken", () -> thrown.size() == 2);
        assertThat(thrown).allMatch(each -> each instanceof InterruptedIOException);
        assertThat(interrupted).containsExactly(true, true);
        assertThat(reads.status()).isEqualTo(500);
    }

    @Test
    void aBodyThatIsRefusedFailsTheReadAndNothingIsReported() throws Exception {
        options = options.withMaxBodyBytes(4);
        Raw client = connect(serve(blocking((request, response) ->
                response.send(String.valueOf(request.inputStream().readAllBytes().length)))));
        client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n5\nabcde\n0\n\n");
        assertThat(client.status()).isEqualTo(413);
        until("it is woken", () -> thrown.size() == 1);
        assertThat(thrown.get(0)).isInstanceOf(IOException.class).hasMessageContaining("longer than 4");
    }

    @Test
    void aBodyThatStopsAfterTheAnswerHasBegunWakesTheThreadThatWrites() throws Exception {
        options = options.withBodyTimeout(Duration.ofMillis(50));
        CountDownLatch closed = new CountDownLatch(1);
        HttpServer server = serve((request, response) -> {
            response.onClosed(closed::countDown);
            response.start();
            request.body(new BodyReader() {
                @Override
                public void onData(java.nio.ByteBuffer bytes) {}

                @Override
                public void onEnd() {}
            });
        });
        connect(server).send(post(3) + "a");
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aHandlerThatForgetsToAnswerAfterItsBodyFails() throws Exception {
        expectErrors();
        CountDownLatch read = new CountDownLatch(1);
        Raw client = connect(serve(HttpHandler.on(elsewhere, (request, response) -> {
            CompletableFuture<?> unused = request.readBody(10).thenAccept(body -> loop().execute(read::countDown));
            assertThat(read.await(20, TimeUnit.SECONDS)).isTrue(); // the body's last callback has returned
        })));
        client.send(post(3) + "abc");
        assertThat(client.status()).isEqualTo(500);
        client.send(post(0));
        assertThat(client.status()).isEqualTo(500);
    }

    @Test
    void aStreamThatIsClosedEarlyEndsTheConnectionWithTheAnswer() throws Exception {
        Raw client = connect(serve(blocking((request, response) -> {
            InputStream in = request.inputStream();
            assertThat(in.read()).isEqualTo('a');
            in.close();
            assertThatThrownBy(in::read).isInstanceOf(IOException.class);
            response.send("enough");
        })));
        client.send(post(500_000) + "abc");
        assertThat(client.answer()).endsWith("enough");
        assertThat(client.ends()).isTrue();
    }

    // ---- files

    private HttpServer serveFiles(Path file) throws IOException {
        return serve(HttpHandler.async(
                (request, response) -> request.bodyTo(file).thenAccept(bytes -> response.send(bytes + " bytes"))));
    }

    @Test
    void aBodyIsWrittenToAFile() throws Exception {
        options = options.withMaxBodyBytes(10 << 20);
        Path file = directory.resolve("upload");
        Raw client = connect(serveFiles(file));
        String body = "0123456789abcdef".repeat(3 << 16);
        client.send(post(body.length())).sendExactly(body);
        assertThat(client.answer()).endsWith("\n\n" + body.length() + " bytes");
        assertThat(file).hasContent(body);
    }

    @Test
    void anEmptyBodyIsAnEmptyFile() throws Exception {
        Path file = directory.resolve("upload");
        Raw client = connect(serveFiles(file));
        client.send(post(0));
        assertThat(client.answer()).endsWith("\n\n0 bytes");
        assertThat(file).isEmptyFile();
    }

    @Test
    void aFileThatIsThereStays() throws Exception {
        expectErrors();
        Path file = Files.writeString(directory.resolve("upload"), "mine");
        Raw client = connect(serveFiles(file));
        client.send(post(3) + "abc");
        assertThat(client.status()).isEqualTo(500);
        assertThat(file).hasContent("mine");
        until("it is reported", () -> !errors.isEmpty());
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error.cause()).isInstanceOf(FileAlreadyExistsException.class));
    }

    @Test
    void aPartialFileIsRemovedWhenTheClientLeavesOrTheBodyIsRefused() throws Exception {
        options = options.withMaxBodyBytes(100);
        Path file = directory.resolve("upload");
        HttpServer server = serveFiles(file);
        Raw leaves = connect(server);
        leaves.send(post(3) + "a");
        until("it is there", () -> Files.exists(file));
        leaves.close();
        until("it is removed", () -> !Files.exists(file));
        Raw refused = connect(server);
        refused.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n3\nabc\n");
        until("it is there", () -> Files.exists(file));
        refused.send("x\n");
        assertThat(refused.status()).isEqualTo(400);
        until("it is removed", () -> !Files.exists(file));
    }

    @Test
    void aPartialFileIsRemovedWhenTheLoopCloses() throws Exception {
        Path file = directory.resolve("upload");
        CompletableFuture<Long> written = new CompletableFuture<>();
        HttpServer server = serve((request, response) -> {
            CompletableFuture<?> unused = request.bodyTo(file).whenComplete((bytes, failure) -> {
                if (failure != null) {
                    written.completeExceptionally(failure);
                }
            });
        });
        connect(server).send(post(3) + "a");
        until("it is there", () -> Files.exists(file));
        loop().close();
        assertThatThrownBy(() -> written.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(Exception.class);
        assertThat(file).doesNotExist();
    }
}
