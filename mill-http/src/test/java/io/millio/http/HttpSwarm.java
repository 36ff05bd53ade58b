package io.millio.http;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.LoopError;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.TcpClient;
import io.millio.net.WriteResult;
import io.millio.net.memory.MemoryBudget;
import io.millio.pool.BufferPool;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One random program: clients that pipeline requests of all kinds in pieces of all sizes, read at their own pace, end
 * in all the ways of ending, and handlers that answer in all the ways of answering, over links on which anything may go
 * wrong. Answers come whole, in order, and to the byte, or end with the connection.
 */
final class HttpSwarm {
    private static final Duration LONG = Duration.ofHours(1);
    private static final String EXPECTED = "expected";
    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final List<Kind> HEAD_KINDS = List.of(Kind.WHOLE, Kind.STREAMED, Kind.LATE, Kind.ELSEWHERE);
    private static final List<Tail> TAILS = List.of(Tail.values());

    private static final Set<CloseCause> WELL = EnumSet.of(CloseCause.LOCAL, CloseCause.PEER);

    /** What faults lead to; anything else would be an error. */
    private static final Set<CloseCause> AT_ALL = EnumSet.of(
            CloseCause.LOCAL,
            CloseCause.PEER,
            CloseCause.FAILED,
            CloseCause.IDLE_TIMEOUT,
            CloseCause.WRITE_STALL,
            CloseCause.CLOSE_TIMEOUT);

    private final SimNetwork network;
    private final boolean benign;
    private final SimHost serverHost;
    private final EventLoop serverLoop;
    private final Executor elsewhere;
    private final HttpOptions options;
    private final boolean halfClose;
    private final List<Exchange> exchanges = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final List<EventLoop> loops = new ArrayList<>();
    private final BufferPool pool = BufferPool.builder().build();
    private boolean draining;

    HttpSwarm(SimNetwork network) {
        this.network = network.allowErrors(); // Kind.THROWS
        benign = network.draw(3) == 0;
        network.links()
                .latency(Duration.ofNanos(10_000), Duration.ofMillis(1 + network.draw(50)))
                .window(64 + network.draw(8000))
                .shortReads(0.2)
                .shortWrites(0.2)
                .wouldBlock(0.05);
        if (!benign) {
            network.links().resets(0.0005).refusals(0.02);
        }
        network.hangUps(network.draw(2) == 0);
        serverHost = network.host("server");
        serverLoop = loop(serverHost);
        elsewhere = serverHost.executor(2);
        halfClose = network.draw(2) == 0;
        options = HttpOptions.DEFAULT
                .withHeadTimeout(patience())
                .withBodyTimeout(patience())
                .withIdleTimeout(patience())
                .withHalfClose(halfClose)
                .withAccessLog(this::log);
    }

    private Duration patience() {
        return benign ? LONG : Duration.ofMillis(100 + network.draw(20_000));
    }

    private EventLoop loop(SimHost host) {
        EventLoop loop = network.draw(2) == 0 ? host.loop(EventLoopBuilder::direct) : host.loop();
        loops.add(loop);
        return loop;
    }

    private ConnectionOptions connectionOptions() {
        int low = network.draw(2_000);
        return ConnectionOptions.DEFAULT
                .withBuffers(pool)
                .withWatermarks(low, low + 1 + network.draw(2_000))
                .withIdleTimeout(LONG.multipliedBy(2));
    }

    void run() throws Exception {
        HttpServerBuilder settings = HttpServer.builder()
                .address(serverHost.address(80))
                .loop(serverLoop)
                .options(options)
                .connectionOptions(connectionOptions())
                .handler(this::handle);
        if (network.draw(3) == 0) {
            settings.maxConnections(1 + network.draw(2));
        }
        HttpServer server = settings.start();
        for (int i = network.draw(4); i >= 0; i--) {
            SimHost host = network.host("client" + i);
            clients.add(new Client(loop(host)));
        }
        clients.forEach(Client::connect);
        if (!benign) {
            trouble(server);
        }
        network.runUntil("every client has ended", () -> clients.stream().allMatch(Client::isOver));
        CompletableFuture<Boolean> closed = server.close(Duration.ofSeconds(1 + network.draw(100)));
        network.runUntil("the server has closed", closed::isDone);
        require(!benign || network.now().compareTo(LONG) < 0, "a time-out was needed, though nothing went wrong");
        require(server.connections() == 0, "connections are left: " + server.connections());
        loops.forEach(EventLoop::close);
        network.run();
        clients.forEach(Client::check);
        exchanges.forEach(Exchange::check);
        long failures = exchanges.stream()
                .filter(each -> each.handled && each.kind == Kind.THROWS)
                .count();
        List<LoopError> errors = network.errors();
        require(
                errors.size() == failures
                        && errors.stream()
                                .allMatch(each -> EXPECTED.equals(each.cause().getMessage())),
                failures + " handlers have thrown, but reported were " + errors);
        require(pool.stats().leasedBytes() == 0, pool.stats().leasedBytes() + " bytes are still leased");
        for (EventLoop each : loops) {
            long counted = MemoryBudget.of(each).usedBytes();
            require(counted == 0, counted + " bytes are still counted in the budget of " + each);
        }
        network.assertNothingLeaked();
    }

    private void trouble(HttpServer server) {
        for (int troubles = network.draw(3); troubles > 0; troubles--) {
            Duration after = Duration.ofMillis(network.draw(400));
            Duration length = Duration.ofMillis(1L + network.draw(5_000));
            String name = "client" + network.draw(clients.size());
            switch (network.draw(6)) {
                case 0 -> {
                    network.after(after, () -> network.partition("server", name));
                    network.after(after.plus(length), () -> network.heal("server", name));
                }
                case 1 -> network.after(after, () -> network.host(name).pause(length));
                case 2 -> network.after(after, () -> serverHost.pause(length));
                case 3 -> network.after(after, () -> network.timeOut("server", name));
                case 4 -> network.after(after, () -> network.host(name).clockSkew(length));
                default ->
                    network.after(after, () -> {
                        draining = true;
                        CompletableFuture<?> unused = server.close(length);
                    });
            }
        }
    }

    private static void require(boolean held, String otherwise) {
        if (!held) {
            throw new AssertionError(otherwise);
        }
    }

    // ---- the server

    private void handle(HttpRequest request, HttpResponse response) {
        Exchange exchange = exchanges.get(Integer.parseInt(request.path().substring(1)));
        exchange.begin();
        response.onClosed(() -> exchange.closes++);
        byte[] answer = exchange.answer;
        switch (exchange.kind) {
            case WHOLE, UNREAD -> response.send(answer);
            case STREAMED -> {
                Pump pump = new Pump(response, answer);
                response.onWritable(pump);
                if (exchange.sized) {
                    response.start(answer.length);
                } else {
                    response.start();
                }
                pump.run();
            }
            case LATE -> {
                response.later();
                serverLoop.schedule(Duration.ofMillis(network.draw(20)), () -> response.send(answer));
            }
            case ELSEWHERE -> {
                response.later();
                elsewhere.execute(() -> response.send(answer));
            }
            case ECHO -> {
                if (network.draw(2) == 0) {
                    request.body(new Echo(exchange, request, response));
                } else {
                    response.later();
                    elsewhere.execute(() -> request.body(new Echo(exchange, request, response)));
                }
            }
            case THROWS -> throw new IllegalStateException(EXPECTED);
        }
    }

    private void log(HttpRequest request, int status, long bodyBytes, boolean complete, long nanos) {
        if (!request.target().isEmpty() && !request.isPath("/unfinished")) {
            Exchange exchange = exchanges.get(Integer.parseInt(request.path().substring(1)));
            require(exchange.handled || status >= 400, "logged with " + status + ", but not handled");
            exchange.logged++;
        }
    }

    private final class Pump implements Runnable {
        private final HttpResponse response;
        private final byte[] answer;
        private int at;

        Pump(HttpResponse response, byte[] answer) {
            this.response = response;
            this.answer = answer;
        }

        @Override
        public void run() {
            WriteResult result = WriteResult.CONTINUE;
            while (at < answer.length && result == WriteResult.CONTINUE) {
                int count = Math.min(answer.length - at, 1 + network.draw(3_000));
                result = response.write(ByteBuffer.wrap(answer, at, count));
                at += count;
            }
            if (result != WriteResult.PAUSE) {
                response.end();
            }
        }
    }

    private final class Echo implements BodyReader {
        private final Exchange exchange;
        private final HttpRequest request;
        private final HttpResponse response;
        private final ByteArrayOutputStream got = new ByteArrayOutputStream();

        Echo(Exchange exchange, HttpRequest request, HttpResponse response) {
            this.exchange = exchange;
            this.request = request;
            this.response = response;
            exchange.readers++;
        }

        @Override
        public void onData(ByteBuffer bytes) {
            byte[] part = new byte[bytes.remaining()];
            bytes.get(part);
            got.writeBytes(part);
            require(exchange.bodyEnds == 0, "a part of the body after its end");
            require(startsWith(exchange.body, got.toByteArray()), "another body than was sent");
            if (network.draw(4) == 0) {
                request.pauseBody();
                serverLoop.schedule(Duration.ofMillis(network.draw(50)), request::resumeBody);
            }
        }

        @Override
        public void onEnd() {
            exchange.bodyEnds++;
            require(got.size() == exchange.body.length, "the body ended early");
            response.send(got.toByteArray());
        }

        @Override
        public void onFailure(Throwable failure) {
            exchange.bodyEnds++;
        }
    }

    // ---- requests

    private enum Kind {
        WHOLE,
        STREAMED,
        LATE,
        ELSEWHERE,
        ECHO,
        UNREAD,
        THROWS
    }

    /** One request, and what must come of it. */
    private final class Exchange {
        final int number = exchanges.size();
        final Kind kind = KINDS.get(network.draw(KINDS.size()));
        final boolean isHead = HEAD_KINDS.contains(kind) && network.draw(6) == 0;
        final boolean sized = network.draw(2) == 0;
        final boolean asksToClose = network.draw(20) == 0;
        final boolean expectsContinue = kind == Kind.ECHO && network.draw(3) == 0;
        final byte[] body = bytes(kind == Kind.ECHO || kind == Kind.UNREAD ? network.draw(4_000) : 0);
        final byte[] answer;
        final @Nullable Exchange previous;

        boolean handled;
        int logged;
        int closes;
        int readers;
        int bodyEnds;

        Exchange(@Nullable Exchange previous) {
            this.previous = previous;
            answer = switch (kind) {
                case ECHO -> body;
                case THROWS -> "500 Internal Server Error\n".getBytes(StandardCharsets.US_ASCII);
                default -> bytes(network.draw(network.draw(4) == 0 ? 30_000 : 300));
            };
        }

        private byte[] bytes(int length) {
            byte[] made = new byte[length];
            for (int i = 0; i < length; i++) {
                made[i] = (byte) (i * 31 + number);
            }
            return made;
        }

        void begin() {
            require(!handled, "request " + number + " was handled twice");
            require(previous == null || previous.handled, "request " + number + " has overtaken another one");
            require(previous == null || !previous.asksToClose, "request " + number + " is behind the last one");
            handled = true;
        }

        void check() {
            // One that was refused before its head was complete is logged, too, if its target was known.
            require(handled ? logged == 1 : logged <= 1, "request " + number + " was logged " + logged + " times");
            require(closes <= 1, "onClosed ran " + closes + " times");
            require(bodyEnds == readers, readers + " readers, " + bodyEnds + " ends");
        }

        int status() {
            return kind == Kind.THROWS ? 500 : 200;
        }

        void request(ByteArrayOutputStream to) {
            String method = isHead ? "HEAD" : body.length > 0 ? "POST" : "GET";
            StringBuilder head = new StringBuilder(method + " /" + number + " HTTP/1.1\r\nHost: server\r\n");
            head.append("X: ").append("x".repeat(network.draw(100))).append("\r\n");
            if (asksToClose) {
                head.append("Connection: close\r\n");
            }
            if (expectsContinue && body.length > 0) {
                head.append("Expect: 100-continue\r\n");
            }
            boolean chunked = !sized && body.length > 0;
            head.append(chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: " + body.length + "\r\n\r\n");
            to.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
            if (!chunked) {
                to.writeBytes(body);
                return;
            }
            for (int at = 0, count; at < body.length; at += count) {
                count = Math.min(body.length - at, 1 + network.draw(1_000));
                to.writeBytes((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                to.write(body, at, count);
                to.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            to.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static boolean startsWith(byte[] whole, byte[] part) {
        return part.length <= whole.length && Arrays.equals(whole, 0, part.length, part, 0, part.length);
    }

    // ---- clients

    /** What follows the last request. */
    private enum Tail {
        NOTHING,
        MALFORMED,
        HALF
    }

    private final class Client implements ConnectionHandler {
        private final EventLoop loop;
        private final List<AnswerReader.Expected> expected = new ArrayList<>();
        private final byte[] toSend;
        private final AnswerReader answers;

        /** Goes before it has all answers: by a reset, or by closing. */
        private final boolean leaves = network.draw(4) == 0;

        private @Nullable Connection connection;
        private boolean connectFailed;
        private int sent;
        private int closes;
        private @Nullable CloseCause ended;

        Client(EventLoop loop) {
            this.loop = loop;
            ByteArrayOutputStream requests = new ByteArrayOutputStream();
            boolean last = false;
            Exchange previous = null;
            for (int i = 1 + network.draw(8); i > 0; i--) {
                Exchange exchange = new Exchange(previous);
                previous = exchange;
                exchanges.add(exchange);
                exchange.request(requests);
                if (!last) {
                    expected.add(new AnswerReader.Expected(
                            exchange.status(),
                            exchange.answer,
                            exchange.isHead,
                            exchange.expectsContinue && exchange.body.length > 0));
                }
                last |= exchange.asksToClose;
            }
            Tail tail = TAILS.get(network.draw(TAILS.size()));
            if (tail != Tail.NOTHING) {
                requests.writeBytes("GET /unfinished HTTP/1.1\r\nHost".getBytes(StandardCharsets.US_ASCII));
            }
            if (tail == Tail.MALFORMED) {
                requests.writeBytes(" : server\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            if (tail == Tail.MALFORMED && !last) {
                byte[] text = "400 Bad Request\n".getBytes(StandardCharsets.US_ASCII);
                expected.add(new AnswerReader.Expected(400, text, false, false));
            }
            toSend = requests.toByteArray();
            answers = new AnswerReader(expected);
        }

        void connect() {
            TcpClient client = TcpClient.builder()
                    .loop(loop)
                    .options(connectionOptions())
                    .connectTimeout(LONG)
                    .build();
            CompletableFuture<Void> unused = client.connect(serverHost.address(80), this)
                    .handle((made, failure) -> {
                        connectFailed = failure != null;
                        return null;
                    });
        }

        boolean isOver() {
            return connectFailed || closes > 0;
        }

        @Override
        public void onOpen(Connection opened) {
            connection = opened;
            if (leaves) {
                boolean abruptly = network.draw(2) == 0;
                loop.schedule(Duration.ofMillis(network.draw(300)), abruptly ? opened::abort : opened::close);
            }
            send();
        }

        private void send() {
            Connection to = connection;
            if (to == null || !to.isOpen()) {
                return;
            }
            for (int pieces = network.draw(4); pieces >= 0 && sent < toSend.length; pieces--) {
                int count = Math.min(toSend.length - sent, 1 + network.draw(700));
                to.write(ByteBuffer.wrap(toSend, sent, count));
                sent += count;
            }
            if (sent < toSend.length) {
                loop.schedule(Duration.ofMillis(network.draw(10)), this::send);
            } else if (halfClose && network.draw(2) == 0) {
                to.shutdownOutput();
            }
        }

        @Override
        public void onData(Connection from, ByteBuffer bytes) {
            answers.take(bytes);
            if (answers.complete() == expected.size()) {
                from.close();
            } else if (network.draw(5) == 0) {
                from.pauseReading();
                loop.schedule(Duration.ofMillis(network.draw(200)), from::resumeReading);
            }
        }

        @Override
        public void onClose(Connection closed, CloseCause cause, @Nullable Throwable failure) {
            closes++;
            ended = cause;
        }

        void check() {
            require(connectFailed ? closes == 0 : closes == 1, "onClose was called " + closes + " times");
            answers.check(!benign);
            Set<CloseCause> allowed = benign ? WELL : AT_ALL;
            require(
                    connectFailed || allowed.contains(ended) || leaves && ended == CloseCause.ABORTED,
                    "a client ended with " + ended + (benign ? ", though nothing went wrong" : ""));
            if (benign && !leaves) {
                require(
                        answers.complete() == expected.size(),
                        answers.complete() + " answers, not " + expected.size() + ", and then " + answers);
            }
            require(!benign || !answers.closed() || closesExpected(), "closed without a reason: " + answers);
        }

        private boolean closesExpected() {
            return answers.complete() == expected.size();
        }
    }
}
