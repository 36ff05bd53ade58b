package io.millio.http;

import io.millio.EventLoop;
import io.millio.http.wire.RequestParser;
import io.millio.http.wire.Syntax;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connection's conversation: a request is read, answered, and only then is the next one looked at. So answers leave
 * in the order of requests, whoever makes them, and at most one request of a connection is in progress.
 *
 * <pre>
 *   HEAD --head--&gt; (handler) --&gt; BODY --end of body--&gt; ANSWER --answered--&gt; HEAD
 *     |                            |                        |
 *     +---------- refused ---------+------ last answer -----+--&gt; END --peer's end, or time--&gt; closed
 * </pre>
 *
 * <p>Bytes that nobody can use now stay with the connection below, whose reading is paused. An idle one is this object
 * and the connection; the request with its parser is the loop's until bytes come. Everything is the turn's, but for
 * what says so.
 */
final class HttpConnection extends BodyIntake implements ConnectionHandler {
    private static final int MOST_EMPTY_LINES = 2;

    private final Function<EventLoop, HttpLoop> loops;

    // Set once, when the connection opens, before anybody else has a request of it.
    private @Nullable HttpLoop http;
    private @Nullable Connection connection;

    private boolean busy;
    private boolean congested;
    private boolean paused;
    private boolean inputClosed;

    /** How many lines were passed over since the last request. */
    private byte emptyLines;

    // Volatile: written in the loop, read by whoever writes an answer.
    private volatile boolean draining;

    HttpConnection(Function<EventLoop, HttpLoop> loops) {
        this.loops = loops;
    }

    @Override
    HttpLoop http() {
        return Objects.requireNonNull(http);
    }

    @Override
    Connection connection() {
        return Objects.requireNonNull(connection);
    }

    @Override
    EventLoop loop() {
        return http().loop;
    }

    @Override
    HttpOptions options() {
        return http().options;
    }

    // ---- callbacks

    @Override
    public void onOpen(Connection opened) {
        http = loops.apply(opened.loop());
        connection = opened;
        await(Waiting.NEXT, true);
    }

    @Override
    public void onData(Connection from, ByteBuffer bytes) {
        process(bytes);
    }

    @Override
    public void onWritable(Connection to) {
        congested = false;
        HttpRequest request = current;
        if (request != null && mode != Mode.HEAD) {
            try {
                request.response.writable();
            } catch (Throwable t) {
                request.response.fail(t);
            }
        }
        process(NO_BYTES);
    }

    @Override
    public void onInputClosed(Connection from) {
        inputClosed = true;
        switch (mode) {
            case HEAD, END -> from.close();
            case BODY -> {
                HttpRequest request = Objects.requireNonNull(current);
                mode = Mode.ANSWER;
                failBody(new HttpException(400, "the peer has closed amid the body"));
                if (mode == Mode.ANSWER && request.response.isOpen()) {
                    refuse(400);
                }
                process(NO_BYTES);
            }
            case ANSWER -> {}
        }
    }

    @Override
    public void onDrain(Connection drained) {
        draining = true;
        if (mode == Mode.HEAD && current == null && !paused) {
            drained.close();
        }
    }

    @Override
    public void onClose(Connection closed, CloseCause cause, @Nullable Throwable failure) {
        cancelDeadline();
        HttpRequest request = current;
        boolean inProgress = request != null && (mode == Mode.BODY || mode == Mode.ANSWER);
        mode = Mode.END;
        if (request == null || !inProgress) {
            return;
        }
        failBody(new HttpException(400, "the connection has ended amid the body: " + cause, failure));
        try {
            request.response.connectionClosed();
        } catch (Throwable t) {
            request.response.fail(t);
        }
        if (current != null) {
            log(request);
            current = null;
        }
    }

    @Override
    void timedOut(Waiting forWhat) {
        switch (forWhat) {
            case NOTHING -> {}
            case NEXT, END -> connection().close();
            case HEAD -> refuse(408);
            case BODY -> {
                mode = Mode.ANSWER;
                failBody(new HttpException(408, "the body did not come in time"));
                if (mode == Mode.ANSWER) {
                    refuse(408);
                }
            }
        }
        process(NO_BYTES);
    }

    // ---- reading

    /** Does all that can be done with these bytes; what is left of them comes again. */
    @Override
    void process(ByteBuffer in) {
        if (busy) {
            return; // whoever is at it goes on
        }
        busy = true;
        try {
            boolean goOn = true;
            while (goOn) {
                goOn = switch (mode) {
                    case HEAD -> !congested && in.hasRemaining() && readHead(in);
                    case BODY -> readBody(in);
                    case ANSWER -> answered && next();
                    case END -> {
                        in.position(in.limit());
                        yield false;
                    }
                };
            }
        } finally {
            busy = false;
        }
        settle(in);
    }

    private boolean readHead(ByteBuffer in) {
        HttpRequest request = current;
        if ((request == null || request.parser.isBlank()) && !skipEmptyLines(in)) {
            return false;
        }
        if (request == null) {
            request = http().take(this);
            current = request;
        }
        switch (request.parser.parse(in)) {
            case MORE -> {
                return false;
            }
            case REFUSED -> refuse(request.parser.status);
            case DONE -> {
                request.headIsAt(in);
                in.position(in.position() + request.parser.length());
                dispatch(request);
            }
        }
        return true;
    }

    /**
     * Clients of old sent an empty line after a body: a few are passed over (RFC 9112, 2.2). They begin no request, so
     * the connection stays idle.
     *
     * @return whether something else follows
     */
    private boolean skipEmptyLines(ByteBuffer in) {
        while (in.hasRemaining() && in.get(in.position()) == Syntax.CR && emptyLines < MOST_EMPTY_LINES) {
            if (in.remaining() == 1) {
                return false;
            }
            if (in.get(in.position() + 1) != Syntax.LF) {
                return true;
            }
            in.position(in.position() + 2);
            emptyLines++;
        }
        return in.hasRemaining();
    }

    private void dispatch(HttpRequest request) {
        await(Waiting.NOTHING, false);
        emptyLines = 0;
        if (options().accessLog() != null) {
            request.beganNanos = System.nanoTime();
        }
        mode = Mode.ANSWER;
        if (request.parser.framing != RequestParser.Framing.NONE) {
            beginBody(request);
            if (request.parser.contentLength > options().maxBodyBytes()) {
                refuse(413);
                return;
            }
        }
        try {
            http().handler.handle(request, request.response);
        } catch (Throwable t) {
            request.response.fail(t);
        }
        if (!answered || mode == Mode.BODY && (request.bodyAsked || options().accessLog() != null)) {
            request.detach(); // more is read before it is done with
        }
    }

    /** Answers with this status, if there is no answer yet, and ends the connection. */
    @Override
    void refuse(int status) {
        HttpRequest request = Objects.requireNonNull(current);
        mode = Mode.ANSWER;
        broken = true;
        if (!request.response.refuse(status) && !answered) {
            connection().abort(); // half an answer can't be taken back
            answered = true;
        }
    }

    // ---- after the answer

    /** The answer has been written. In the turn, perhaps inside a callback. */
    void answered(HttpResponse response) {
        HttpRequest request = current;
        if (request == null || request.response != response) {
            return;
        }
        answered = true;
        process(NO_BYTES);
    }

    /** Another thread has written the answer. In the turn. */
    void answeredElsewhere(HttpResponse response) {
        if (mode != Mode.END && !connection().write(NO_BYTES.duplicate())) {
            congested = connection().isOpen();
        }
        answered(response);
    }

    void congested() {
        congested = true;
    }

    /** Goes on to the next request, or ends the connection. */
    @Override
    boolean next() {
        HttpRequest done = Objects.requireNonNull(current);
        HttpResponse response = done.response;
        log(done);
        boolean unread = mode == Mode.BODY;
        if (unread) {
            failBody(new HttpException(400, "the answer has ended the connection"));
        }
        boolean ends = response.closes() || broken || draining || inputClosed;
        // A client that has asked for the end sends no more; any other may, not knowing of the end yet.
        boolean lingers = unread || broken || !done.parser.asksToClose();
        answered = false;
        forgetBody();
        if (ends) {
            current = null;
            end(lingers);
        } else {
            mode = Mode.HEAD;
            if (done.detached) {
                current = null; // somebody may have kept it
            } else {
                done.begin(this);
            }
        }
        return true;
    }

    /**
     * The peer may be sending still: then its bytes are read and forgotten, so that the answer is not lost in a reset.
     */
    private void end(boolean lingers) {
        mode = Mode.END;
        Connection ending = connection();
        if (lingers && !inputClosed && ending.isOpen()) {
            ending.shutdownOutput();
        } else {
            ending.close();
        }
    }

    private void log(HttpRequest request) {
        AccessLog log = options().accessLog();
        if (log == null) {
            return;
        }
        HttpResponse response = request.response;
        try {
            log.log(
                    request,
                    response.isStarted() ? response.status() : 0,
                    response.bodyBytes(),
                    request.beganNanos == 0 ? 0 : System.nanoTime() - request.beganNanos);
        } catch (Throwable t) {
            http().report(t, "access log");
        }
    }

    /** What is waited for now, and whether reading goes on. */
    private void settle(ByteBuffer in) {
        boolean blocked = false;
        switch (mode) {
            case HEAD -> {
                HttpRequest request = current;
                if (request != null && request.parser.isBlank()) {
                    current = null;
                    http().giveBack(request);
                    request = null;
                }
                blocked = congested;
                await(
                        blocked ? Waiting.NOTHING : request == null ? Waiting.NEXT : Waiting.HEAD,
                        !blocked && request == null);
                if (draining && request == null && !in.hasRemaining() && !paused) {
                    connection().close();
                }
            }
            case BODY -> blocked = isStalled();
            case ANSWER -> {
                blocked = true;
                await(Waiting.NOTHING, false);
            }
            case END -> await(Waiting.END, false);
        }
        if (blocked) {
            if (in.hasRemaining() && !paused) {
                paused = true;
                connection().pauseReading();
            }
        } else if (paused) {
            paused = false;
            connection().resumeReading();
        }
    }

    // ---- for requests and responses

    /** Whether the connection goes on after the answer to this request, as far as is known now. Any thread. */
    boolean mayPersist(HttpRequest request) {
        return !request.parser.asksToClose() && !draining && !broken && isBodyReadOver(request);
    }

    @Override
    public String toString() {
        return "HTTP " + connection;
    }
}
