package io.millio.http;

import io.millio.EventLoop;
import io.millio.http.wire.RequestParser;
import io.millio.http.wire.Syntax;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.WriteResult;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP side of one connection: a request is read, answered, and only then is the next one looked at. So answers
 * leave in the order of requests, whichever thread writes them, and at most one request of a connection is in progress.
 *
 * <pre>
 *   HEAD --head--&gt; (handler) --&gt; BODY --end of body--&gt; ANSWER --answered--&gt; HEAD
 *     |                            |                        |
 *     +---------- refused ---------+------ last answer -----+--&gt; END --peer's end, or time--&gt; closed
 * </pre>
 *
 * <p>Bytes that cannot be used yet stay with the connection below, whose reading is paused. An idle connection is this
 * object, its deadline and the connection; the request with its parser is the loop's until bytes come. Loop thread
 * only, but for what says otherwise.
 */
final class HttpConnection implements ConnectionHandler {
    private static final int MAX_EMPTY_LINES = 2;

    private final Function<EventLoop, HttpLoop> loops;

    // Set once, when the connection opens, before any other object has a request of it.
    private @Nullable HttpLoop http;
    private @Nullable Connection connection;
    private @Nullable Deadline deadline;

    private Phase phase = Phase.HEAD;
    private @Nullable HttpRequest current;

    /** Whether the answer to the current request has been written. */
    private boolean answered;

    private boolean busy;
    private boolean congested;
    private boolean paused;
    private boolean inputClosed;

    /** The empty lines that were skipped since the last request. */
    private byte emptyLines;

    // Volatile, all: written in the loop, or by the thread that asks for the body; read by the thread that answers.
    private volatile @Nullable RequestBody body;
    private volatile boolean draining;

    /** Whether the start of the next request cannot be found, so that this one is the last. */
    private volatile boolean broken;

    HttpConnection(Function<EventLoop, HttpLoop> loops) {
        this.loops = loops;
    }

    HttpLoop http() {
        return Objects.requireNonNull(http);
    }

    Connection connection() {
        return Objects.requireNonNull(connection);
    }

    private Deadline deadline() {
        return Objects.requireNonNull(deadline);
    }

    // ---- callbacks

    @Override
    public void onOpen(Connection opened) {
        http = loops.apply(opened.loop());
        connection = opened;
        deadline = new Deadline(this, http);
        deadline.await(Waiting.NEXT, true);
    }

    @Override
    public void onData(Connection from, ByteBuffer bytes) {
        process(bytes);
    }

    @Override
    public void onWritable(Connection to) {
        congested = false;
        HttpRequest request = current;
        if (request != null && phase != Phase.HEAD) {
            try {
                request.response.writable();
            } catch (Throwable t) {
                request.response.fail(t);
            }
        }
        process(HttpLoop.NO_BYTES);
    }

    @Override
    public void onInputClosed(Connection from, ByteBuffer rest) {
        inputClosed = true;
        switch (phase) {
            case HEAD, END -> from.close();
            case BODY -> refuseBody(new HttpException(400, "connection closed before the body was complete"), false);
            case ANSWER -> Objects.requireNonNull(current).response.inputClosed();
        }
    }

    @Override
    public void onDrain(Connection drained) {
        draining = true;
        if (phase == Phase.HEAD && current == null && !paused) {
            drained.close();
        }
    }

    @Override
    public void onClose(Connection closed, CloseCause cause, @Nullable Throwable failure) {
        deadline().cancel();
        HttpRequest request = current;
        boolean inProgress = request != null && (phase == Phase.BODY || phase == Phase.ANSWER);
        phase = Phase.END;
        if (request == null || !inProgress) {
            return;
        }
        failBody(new HttpException(400, "connection closed before the body was complete: " + cause, failure));
        try {
            request.response.connectionClosed();
        } catch (Throwable t) {
            request.response.fail(t);
        }
        if (current != null) {
            http().log(request);
            current = null;
        }
    }

    void timedOut(Waiting forWhat) {
        switch (forWhat) {
            case NOTHING -> {}
            case NEXT, END -> connection().close();
            case HEAD -> refuse(408);
            case BODY -> refuseBody(new HttpException(408, "the body was not complete in time"), true);
            case ANSWER -> Objects.requireNonNull(current).response.refuseUnanswered();
        }
        process(HttpLoop.NO_BYTES);
    }

    /** The rest of the body will not come; an answer that has begun may be completed, or is cut off. */
    private void refuseBody(HttpException cause, boolean cutsAnswer) {
        HttpRequest request = Objects.requireNonNull(current);
        phase = Phase.ANSWER;
        failBody(cause);
        if (phase == Phase.ANSWER && (cutsAnswer || request.response.isOpen())) {
            refuse(cause.status());
        }
        process(HttpLoop.NO_BYTES);
    }

    // ---- reading

    /** Does all that can be done with these bytes; what is left of them comes again. */
    private void process(ByteBuffer in) {
        if (busy) {
            return; // the call in progress continues
        }
        busy = true;
        try {
            boolean goOn = true;
            while (goOn) {
                goOn = switch (phase) {
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
            case REFUSED -> {
                request.headIsRefused(in);
                refuse(request.parser.status);
            }
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
        emptyLines += (byte) Syntax.skipEmptyLines(in, MAX_EMPTY_LINES - emptyLines);
        boolean halfLine = in.remaining() == 1 && in.get(in.position()) == Syntax.CR && emptyLines < MAX_EMPTY_LINES;
        return in.hasRemaining() && !halfLine;
    }

    private void dispatch(HttpRequest request) {
        deadline().await(Waiting.NOTHING, false);
        emptyLines = 0;
        if (http().options.accessLog() != null) {
            request.beganNanos = System.nanoTime();
        }
        phase = Phase.ANSWER;
        if (request.parser.framing != RequestParser.Framing.NONE) {
            startBody(request);
            if (request.parser.contentLength > http().options.maxBodyBytes()) {
                refuse(413);
                return;
            }
        }
        try {
            http().handler.handle(request, request.response);
        } catch (Throwable t) {
            request.response.fail(t);
        }
        if (!answered
                || phase == Phase.BODY && (request.bodyAsked || http().options.accessLog() != null)) {
            request.detach(); // more is read before it is done with
        }
    }

    private RequestBody startBody(HttpRequest request) {
        RequestBody started = new RequestBody(request, http(), deadline());
        body = started;
        phase = Phase.BODY;
        return started;
    }

    /** Reads what has arrived of the body; returns whether there is more to do now. */
    private boolean readBody(ByteBuffer in) {
        HttpResponse response = Objects.requireNonNull(current).response;
        RequestBody from = Objects.requireNonNull(body);
        if (answered && response.closes()) {
            return next();
        }
        RequestBody.Result result = from.read(in, answered);
        switch (result) {
            case END -> phase = Phase.ANSWER;
            case REFUSED -> {
                failBody(new HttpException(from.status, from.reason));
                refuse(from.status);
            }
            case TOO_MUCH -> response.closeAfter();
            case MORE, STALLED, FAILED -> {}
        }
        return result != RequestBody.Result.MORE && result != RequestBody.Result.STALLED;
    }

    private void failBody(Throwable cause) {
        broken = true;
        RequestBody known = body;
        if (known != null) {
            known.fail(cause);
        }
    }

    /** Answers with this status, if there is no answer yet, and ends the connection. */
    void refuse(int status) {
        HttpRequest request = Objects.requireNonNull(current);
        phase = Phase.ANSWER;
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
        process(HttpLoop.NO_BYTES);
    }

    /** Another thread has written the answer. In the turn. */
    void answeredElsewhere(HttpResponse response) {
        congested |= phase != Phase.END && connection().write(HttpLoop.NO_BYTES.duplicate()) == WriteResult.PAUSE;
        answered(response);
    }

    void congested() {
        congested = true;
    }

    /** Goes on to the next request, or ends the connection. */
    private boolean next() {
        HttpRequest done = Objects.requireNonNull(current);
        http().log(done);
        boolean unread = phase == Phase.BODY;
        if (unread) {
            failBody(new HttpException(400, "the answer has ended the connection"));
        }
        boolean ends = done.response.closes() || broken || draining || inputClosed;
        // A client that has asked for the end sends no more; any other may, not knowing of the end yet.
        boolean lingers = unread || broken || !done.parser.asksToClose();
        answered = false;
        body = null;
        if (ends) {
            current = null;
            end(lingers);
        } else {
            phase = Phase.HEAD;
            if (done.detached) {
                current = null; // the program may have kept it
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
        phase = Phase.END;
        Connection ending = connection();
        if (lingers && !inputClosed && ending.isOpen()) {
            ending.shutdownOutput();
        } else {
            ending.close();
        }
    }

    private void settle(ByteBuffer in) {
        boolean blocked = false;
        switch (phase) {
            case HEAD -> {
                HttpRequest request = current;
                if (request != null && request.parser.isBlank()) {
                    current = null;
                    http().giveBack(request);
                    request = null;
                }
                blocked = congested;
                deadline()
                        .await(
                                blocked ? Waiting.NOTHING : request == null ? Waiting.NEXT : Waiting.HEAD,
                                !blocked && request == null);
                if (draining && request == null && !in.hasRemaining() && !paused) {
                    connection().close();
                }
            }
            case BODY -> blocked = Objects.requireNonNull(body).isStalled();
            case ANSWER -> {
                blocked = true;
                deadline().await(Waiting.ANSWER, false);
            }
            case END -> deadline().await(Waiting.END, false);
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

    /** Whether the connection continues after the answer to this request, as far as is known now. Any thread. */
    boolean mayPersist(HttpRequest request) {
        RequestBody known = body;
        boolean bodyEnds =
                request.parser.framing == RequestParser.Framing.NONE || known != null && known.endIsReached();
        return bodyEnds && !request.parser.asksToClose() && !draining && !broken;
    }

    /** A handler asks for the body. Any thread. */
    void bodyWanted(HttpRequest request, BodyReader reader) {
        RequestBody asked = body;
        if (asked != null && asked.isOf(request)) {
            asked.asked();
        }
        http().inLoop(() -> {
            if (current != request || phase == Phase.END) {
                reader.onFailure(new HttpException(400, "the request is over"));
                return;
            }
            RequestBody known = body;
            if (known == null) {
                known = startBody(request); // there is none, which is reported as its end
            }
            known.readBy(reader);
            process(HttpLoop.NO_BYTES);
        });
    }

    /** A handler resumes the body. Any thread. */
    void bodyResumed(HttpRequest request) {
        http().inLoop(() -> {
            if (current == request && phase == Phase.BODY) {
                process(HttpLoop.NO_BYTES);
            }
        });
    }

    List<HttpField> trailers(HttpRequest request) {
        RequestBody known = body;
        return known == null || current != request ? List.of() : known.trailers();
    }

    @Override
    public String toString() {
        return "HTTP " + connection;
    }
}
