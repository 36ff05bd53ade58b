package io.millio.http;

import io.millio.EventLoop;
import io.millio.http.wire.Framing;
import io.millio.http.wire.RequestParser;
import io.millio.http.wire.Syntax;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.WriteResult;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP side of one connection: a request is read, answered, and only then is the next one looked at. So answers
 * leave in the order of requests, whichever thread writes them, and at most one request of a connection is in progress.
 *
 * <pre>
 *   HEAD --head--&gt; (handler) --&gt; BODY --end of body--&gt; ANSWER --answered--&gt; HEAD
 *     |                            |                        |
 *     +---------- refused ---------+------ last answer -----+--&gt; END (closed)
 *                                                           +--- 101 ---&gt; UPGRADED
 * </pre>
 *
 * <p>Bytes that cannot be used yet stay with the connection below, whose reading is paused. An idle connection is this
 * object, its deadline and the connection; the parser is the loop's until bytes come. Loop thread only, but for what
 * says otherwise.
 */
final class HttpConnection extends UpgradableConnection {
    private static final int MAX_EMPTY_LINES = 2;

    private final Function<EventLoop, HttpLoop> loops;

    // Set once, when the connection opens, before any other object has a request of it.
    private @Nullable HttpLoop http;
    private @Nullable Deadline deadline;

    private Phase phase = Phase.HEAD;

    /** That of the head which is incomplete, or will be read next; the loop's while there is none. */
    private @Nullable RequestParser parser;

    private int parserBytes; // charged for it

    private @Nullable HttpRequest current;

    /** The answer to the current request: that of its handler, or of the server, which refuses it. */
    private @Nullable Answer answer;

    private boolean answered; // the current request
    private boolean busy;

    /** The empty lines that were skipped since the last request. */
    private byte emptyLines;

    /** Whether the next request can't be found, so that this one is the last. Volatile: written in the loop only. */
    private volatile boolean broken;

    HttpConnection(Function<EventLoop, HttpLoop> loops) {
        this.loops = loops;
    }

    HttpLoop http() {
        return Objects.requireNonNull(http);
    }

    private HttpRequest current() {
        return Objects.requireNonNull(current);
    }

    private RequestBody body() {
        return Objects.requireNonNull(current().incoming);
    }

    private Answer answer() {
        return Objects.requireNonNull(answer);
    }

    private Deadline deadline() {
        return Objects.requireNonNull(deadline);
    }

    @Override
    void opened(Connection opened) {
        opened.charge(RequestMemory.CONNECTION_BYTES);
        http = loops.apply(opened.loop());
        deadline = new Deadline(this, http);
        deadline.await(Waiting.NEXT, true);
    }

    @Override
    void writable() {
        congested = false;
        Answer writing = answer;
        if (writing != null) {
            writing.writable();
        }
        process(HttpLoop.NO_BYTES);
    }

    @Override
    void inputEnded() {
        switch (phase) {
            case HEAD, END -> connection().close();
            case BODY -> {
                if (body().isReceived()) {
                    answer().inputClosed();
                } else {
                    refuseBody(new HttpException(400, "connection closed before the body was complete"), false);
                }
            }
            case ANSWER -> answer().inputClosed();
            case UPGRADED -> {}
        }
    }

    @Override
    void drain() {
        Answer open = answer;
        if (open != null) {
            open.drain();
        }
        process(HttpLoop.NO_BYTES); // closes an idle one
    }

    @Override
    void closed(CloseCause cause, @Nullable Throwable failure) {
        if (deadline != null) { // else it has failed to open
            deadline.cancel();
        }
        HttpRequest request = current;
        Answer open = answer;
        phase = Phase.END;
        if (request == null || open == null) {
            return;
        }
        failBody(new HttpException(400, "connection closed before the body was complete: " + cause, failure));
        open.connectionClosed();
        if (current != null) {
            http().log(request, open, false);
            forget();
        }
    }

    void timedOut(Waiting forWhat) {
        switch (forWhat) {
            case NOTHING -> {}
            case NEXT -> connection().close();
            case HEAD -> refuseHead(408, "the head was not complete in time");
            case BODY -> refuseBody(new HttpException(408, "the body was not complete in time"), true);
            case ANSWER -> {
                String reason = "no answer within the responseTimeout";
                if (answer().isOpen()) {
                    http().report(new TimeoutException(reason), current());
                    refuse(503, reason);
                }
            }
        }
        process(HttpLoop.NO_BYTES);
    }

    /** The rest of the body will not come; an answer that has begun may be completed, or is cut off. */
    private void refuseBody(HttpException cause, boolean cutsAnswer) {
        phase = Phase.ANSWER;
        failBody(cause);
        if (phase == Phase.ANSWER && (cutsAnswer || answer().isOpen())) {
            refuse(cause.status(), String.valueOf(cause.getMessage()));
        }
        process(HttpLoop.NO_BYTES);
    }

    // ---- reading

    @Override
    void process(ByteBuffer in) {
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
                    case ANSWER -> answered && !isSwitching() && next();
                    case END -> {
                        in.position(in.limit());
                        yield false;
                    }
                    case UPGRADED -> false;
                };
            }
        } finally {
            busy = false;
        }
        if (!answered || phase != Phase.ANSWER || !switchProtocol()) {
            settle(in);
        }
    }

    private boolean readHead(ByteBuffer in) {
        RequestParser head = parser;
        if (head == null) {
            if (!skipEmptyLines(in)) {
                return false;
            }
            head = http().takeParser();
            parser = head;
        }
        switch (head.parse(in)) {
            case MORE -> {
                parserBytes = RequestMemory.chargeParser(connection(), head.capacity(), parserBytes);
                return false;
            }
            case REFUSED -> refuseHead(head.status, head.reason);
            case DONE -> {
                HttpRequest request = new HttpRequest(this, head, false, http().beganNanos());
                in.position(in.position() + head.length());
                giveBackParser();
                dispatch(request);
            }
        }
        return true;
    }

    private void begin(HttpRequest request) {
        current = request;
        answer = request.response.answer;
    }

    private void refuseHead(int status, String reason) {
        begin(new HttpRequest(this, Objects.requireNonNull(parser), true, 0));
        giveBackParser();
        refuse(status, reason);
    }

    private void giveBackParser() {
        parserBytes = RequestMemory.releaseParser(connection(), parserBytes);
        http().giveBack(Objects.requireNonNull(parser));
        parser = null;
    }

    /** Skips a few, which old clients sent after a body (RFC 9112, 2.2); returns whether something else follows. */
    private boolean skipEmptyLines(ByteBuffer in) {
        emptyLines += (byte) Syntax.skipEmptyLines(in, MAX_EMPTY_LINES - emptyLines);
        boolean halfLine = in.remaining() == 1 && in.get(in.position()) == Syntax.CR && emptyLines < MAX_EMPTY_LINES;
        return in.hasRemaining() && !halfLine;
    }

    private void dispatch(HttpRequest request) {
        begin(request);
        RequestMemory.chargeHead(request);
        deadline().requestStarts();
        emptyLines = 0;
        phase = Phase.ANSWER;
        if (request.framing != Framing.NONE) {
            startBody(request);
            long maxBytes = http().options.maxBodyBytes();
            if (request.announcedLength > maxBytes) {
                refuse(413, "the body of " + request.announcedLength + " bytes is longer than " + maxBytes);
                return;
            }
        }
        http().handle(request);
    }

    private RequestBody startBody(HttpRequest request) {
        phase = Phase.BODY;
        return request.startBody(new RequestBody(request, http(), deadline()));
    }

    /** Reads what has arrived of the body; returns whether there is more to do now. */
    private boolean readBody(ByteBuffer in) {
        RequestBody from = body();
        if (answered && answer().closes()) {
            return next();
        }
        RequestBody.Result result = from.read(in, answered);
        switch (result) {
            case END -> phase = Phase.ANSWER;
            case REFUSED -> {
                failBody(new HttpException(from.status, from.reason));
                refuse(from.status, from.reason);
            }
            case TOO_MUCH -> answer().closeAfter();
            case MORE, STALLED, FAILED -> {}
        }
        return result != RequestBody.Result.MORE && result != RequestBody.Result.STALLED;
    }

    private void failBody(Throwable cause) {
        broken = true;
        RequestBody known = current().incoming;
        if (known != null) {
            known.fail(cause);
        }
    }

    /** Answers with this status, if there is no answer yet, and ends the connection. */
    private void refuse(int status, String reason) {
        HttpRequest request = current();
        phase = Phase.ANSWER;
        broken = true;
        boolean unanswered = answer().markRefused();
        http().refused(request, status, reason);
        if (unanswered) {
            Answer refusal = new HttpResponse(request).answer;
            answer = refusal;
            refusal.sendRefusal(status, reason);
        } else if (!answered && !answer().endsByItself()) {
            connection().abort(); // half an answer can't be taken back
            answered = true;
            answer().connectionClosed();
        }
    }

    // ---- after the answer

    /** The answer has been written. */
    void answered(HttpRequest request) {
        if (current == request) {
            answered = true;
            process(HttpLoop.NO_BYTES);
        }
    }

    /** Another thread has written the answer. In the turn. */
    void answeredElsewhere(HttpRequest request) {
        congested |= phase != Phase.END && connection().write(HttpLoop.NO_BYTES.duplicate()) == WriteResult.PAUSE;
        answered(request);
    }

    /** Goes on to the next request, or ends the connection. */
    private boolean next() {
        HttpRequest done = current();
        http().logWhenSent(done, answer());
        boolean unread = phase == Phase.BODY;
        boolean ends = unread || answer().closes() || broken || isDraining() || inputClosed;
        if (unread) {
            failBody(new HttpException(400, "the answer has ended the connection"));
        }
        answered = false;
        forget();
        if (ends) {
            phase = Phase.END;
            connection().close(); // which reads what the client still sends, so that no reset takes the answer from it
        } else {
            phase = Phase.HEAD;
        }
        return true;
    }

    private void forget() {
        answer().writer.release();
        RequestMemory.end(current());
        current = null;
        answer = null;
    }

    private void settle(ByteBuffer in) {
        boolean blocked = false;
        switch (phase) {
            case HEAD -> {
                boolean idle = parser == null;
                blocked = congested;
                deadline().await(blocked ? Waiting.NOTHING : idle ? Waiting.NEXT : Waiting.HEAD, !blocked && idle);
                if (isDraining() && idle && !in.hasRemaining() && !paused) {
                    connection().close();
                }
            }
            case BODY -> blocked = body().isStalled();
            case ANSWER -> {
                blocked = true;
                deadline().await(Waiting.ANSWER, false);
            }
            case END -> deadline().await(Waiting.NOTHING, false);
            case UPGRADED -> {}
        }
        holdInput(blocked, in);
    }

    // ---- another protocol

    /** An answer has switched to another protocol. Loop only. */
    void upgrade(HttpRequest request, ConnectionHandler to) {
        if (current == request) {
            prepareSwitch(to);
            answered(request);
        }
    }

    @Override
    void leaveHttp() {
        HttpRequest done = current();
        Answer last = answer();
        last.markEnded();
        forget();
        phase = Phase.UPGRADED;
        deadline().cancel();
        http().logWhenSent(done, last);
    }

    // ---- for requests and responses

    /** Whether the connection continues after the answer to this request, as far as is known now. Any thread. */
    boolean mayPersist(HttpRequest request) {
        return request.endIsReached() && !request.asksToClose && !isDraining() && !broken;
    }

    /** A request has a response timeout of its own. Any thread. */
    void limitResponse(HttpRequest request, long nanos) {
        http().inLoop(() -> {
            if (current == request) {
                deadline().limitResponse(nanos);
            }
        });
    }

    /** A handler asks for the body. Any thread. */
    void bodyWanted(HttpRequest request, BodyReader reader) {
        boolean accepted = http().inLoop(() -> {
            if (current != request || phase == Phase.END) {
                reader.onFailure(new HttpException(400, "the request is over"));
                return;
            }
            RequestBody known = request.incoming; // if there is none, that is reported as its end
            (known == null ? startBody(request) : known).readBy(reader);
            process(HttpLoop.NO_BYTES);
        });
        if (!accepted) {
            reader.onFailure(new HttpException(503, "the loop is closed"));
        }
    }

    /** A handler resumes the body. Any thread. */
    void bodyResumed(HttpRequest request) {
        http().inLoop(() -> {
            if (current == request && phase == Phase.BODY) {
                process(HttpLoop.NO_BYTES);
            }
        });
    }
}
