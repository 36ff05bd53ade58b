package io.millio.http;

import io.millio.http.wire.RequestParser;
import io.millio.net.Connection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The side of a conversation that takes in the bodies of requests, from the end of a head until the body has ended or
 * nobody wants more of it. Everything is the turn's, but for what says so.
 */
abstract class BodyIntake extends Deadline {
    /** What the conversation is at. */
    enum Mode {
        HEAD,
        BODY,
        ANSWER,
        END
    }

    static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    Mode mode = Mode.HEAD;

    @Nullable
    HttpRequest current;

    /** Whether the answer to the current request has been written. */
    boolean answered;

    private @Nullable RequestBody body;
    private boolean stalled;

    // Volatile: written in the loop, or by whoever asks for the body, and read by whoever writes an answer.
    private volatile boolean continued;
    private volatile boolean bodyOver;

    /** Where the next request begins can't be told: this one is the last. As those. */
    volatile boolean broken;

    abstract HttpLoop http();

    abstract Connection connection();

    /** Does all that can be done with these bytes; what is left of them comes again. */
    abstract void process(ByteBuffer in);

    /** Answers with this status, if there is no answer yet, and ends the connection. */
    abstract void refuse(int status);

    /** Goes on to the next request, or ends the connection. */
    abstract boolean next();

    final RequestBody beginBody(HttpRequest request) {
        RequestBody begun =
                new RequestBody(request, http().headLimits, options().maxBodyBytes());
        body = begun;
        bodyBegins();
        mode = Mode.BODY;
        continued = false;
        bodyOver = false;
        return begun;
    }

    /** Takes what there is of the body; false: there is nothing to do now. */
    final boolean readBody(ByteBuffer in) {
        HttpRequest request = Objects.requireNonNull(current);
        RequestBody from = Objects.requireNonNull(body);
        if (answered && request.response.closes()) {
            return next();
        }
        int before = in.remaining();
        RequestBody.Result result;
        try {
            result = from.deliver(in, answered);
        } catch (Throwable t) {
            from.reader = null;
            request.response.fail(t);
            return true;
        }
        stalled = result == RequestBody.Result.STALLED;
        switch (result) {
            case MORE -> awaitBody(options().earnedNanos(before - in.remaining()));
            case STALLED -> holdBody(options().earnedNanos(before - in.remaining()));
            case END -> {
                bodyOver = true;
                mode = Mode.ANSWER;
                return true;
            }
            case REFUSED -> {
                failBody(new HttpException(from.status, from.reason));
                refuse(from.status);
                return true;
            }
            case TOO_MUCH -> {
                request.response.closeAfter();
                return true;
            }
        }
        return false;
    }

    /** The rest of the body will not come, or is not looked at. */
    final void failBody(Throwable why) {
        broken = true;
        RequestBody known = body;
        if (known != null) {
            try {
                known.fail(why);
            } catch (Throwable t) {
                Objects.requireNonNull(current).response.fail(t);
            }
        }
    }

    /** Whether the body waits for its reader. */
    final boolean isStalled() {
        return stalled;
    }

    final void forgetBody() {
        stalled = false;
        body = null;
    }

    /** Whether the body of a request will be read to its end, or over, as far as is known now. Any thread. */
    final boolean isBodyReadOver(HttpRequest request) {
        RequestParser parser = request.parser;
        return parser.framing == RequestParser.Framing.NONE
                || bodyOver
                || (!parser.expectsContinue || continued)
                        && (request.bodyAsked || parser.contentLength <= RequestBody.MOST_FORGOTTEN_BYTES);
    }

    // ---- for requests

    /** Any thread. */
    final void bodyWanted(HttpRequest request, BodyReader reader) {
        RequestParser parser = request.parser;
        if (parser.expectsContinue
                && parser.minorVersion > 0
                && parser.framing != RequestParser.Framing.NONE
                && request.response.isOpen()) {
            continued = true;
            connection().write(ByteBuffer.wrap(CONTINUE));
        }
        inLoop(() -> {
            if (current != request || mode == Mode.END) {
                reader.onFailure(new HttpException(400, "the request is over"));
                return;
            }
            RequestBody known = body;
            if (known == null) {
                known = beginBody(request); // it has none; that is told as its end
            }
            known.reader = reader;
            process(NO_BYTES);
        });
    }

    /** Any thread. */
    final void bodyResumed(HttpRequest request) {
        inLoop(() -> {
            if (current == request && mode == Mode.BODY) {
                process(NO_BYTES);
            }
        });
    }

    /** Runs it in the loop: now, if this is its turn. Any thread. */
    final void inLoop(Runnable task) {
        if (loop().inLoop()) {
            task.run();
            return;
        }
        try {
            loop().execute(task);
        } catch (RejectedExecutionException e) {
            // the loop is closed, which ends the connection and tells everybody
        }
    }

    final List<HttpField> trailers(HttpRequest request) {
        RequestBody known = body;
        return known == null || current != request ? List.of() : known.trailers();
    }
}
