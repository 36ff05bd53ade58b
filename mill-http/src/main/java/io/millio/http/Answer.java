package io.millio.http;

import io.millio.internal.Exceptions;
import io.millio.internal.Persistently;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.WriteResult;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The state of an answer, and what the calls of its {@link HttpResponse} do in it. Methods say so if they are for the
 * loop only; the others are for the thread that answers.
 */
final class Answer extends AnswerState {
    final ResponseWriter writer;

    // Volatile: set by the thread that writes the answer, run by the loop.
    volatile @Nullable Runnable whenWritable;
    volatile @Nullable Runnable whenClosed;
    private volatile @Nullable Runnable whenDraining;

    /** Whether that has run. Loop only. */
    private boolean drained;

    // Volatile: set by the thread that handles the request, read by the loop.
    volatile boolean later;

    // Volatile: whether another thread runs the handler now.
    private volatile boolean elsewhere;

    /** Whether no callback of the body follows any more. */
    private volatile boolean bodyOver;

    // Volatile: whether the body was asked for, so that a callback follows.
    volatile boolean expectsCallback;

    Answer(ResponseWriter writer) {
        this.writer = writer;
    }

    HttpConnection owner() {
        return writer.request.owner();
    }

    private Connection connection() {
        return owner().connection();
    }

    boolean inLoop() {
        return owner().http().loop.inLoop();
    }

    // ---- the state

    int status() {
        return writer.status;
    }

    /** Whether status and fields may be changed; false if that has no effect, as the server has refused the request. */
    boolean mayChange() {
        return writer.filtering || isUnbegun();
    }

    /** How many bytes of a body have been sent. */
    long bodyBytes() {
        return writer.sentBytes();
    }

    /** Whether the connection ends with this answer. Loop only, once it is written. */
    boolean closes() {
        return writer.closes;
    }

    /** Has it end with this answer, whatever that has said. Loop only. */
    void closeAfter() {
        writer.closes = true;
    }

    void finish(boolean inLoop) {
        markEnded();
        HttpConnection of = owner();
        if (inLoop) {
            of.answered(writer.request);
            return;
        }
        try {
            of.http().loop.execute(() -> of.answeredElsewhere(writer.request));
        } catch (RejectedExecutionException e) {
            // the loop is closed, and the connection with it
        }
    }

    @Override
    void abortUnless(boolean done) {
        if (!done) {
            connection().abort();
        }
    }

    /** Ends an answer in the middle, and the connection with it. */
    private void cutOff(boolean inLoop) {
        connection().abort();
        finish(inLoop);
        Runnable action = whenClosed;
        if (action != null) {
            Persistently.executeOrRun(owner().http().loop, action);
        }
    }

    // ---- answers that are forgotten

    /** The handler has returned. Loop only. */
    void handlerReturned() {
        if (!expectsCallback) {
            failIfForgotten();
        }
    }

    /** Another thread runs the handler. */
    void handledElsewhere() {
        elsewhere = true;
    }

    /** That thread has returned from the handler. */
    void returnedElsewhere() {
        elsewhere = false;
        if (!expectsCallback || bodyOver) {
            failIfForgotten();
        }
    }

    /** A handler says that it has answered. */
    void stageCompleted() {
        int now = phase();
        if ((now == OPEN || now == STREAMING) && connection().isOpen()) {
            fail(new IllegalStateException("the stage has completed without the end of an answer"));
        }
    }

    /** No callback of the body follows; what depends on its end may still answer in this iteration. Loop only. */
    void callbackEnded() {
        bodyOver = true;
        if (isForgotten()) {
            try {
                owner().http().loop.execute(this::failIfForgotten);
            } catch (RejectedExecutionException e) {
                // the loop is closed, and the connection with it
            }
        }
    }

    private boolean isForgotten() {
        return phase() == OPEN && !later && !elsewhere && connection().isOpen();
    }

    private void failIfForgotten() {
        if (isForgotten()) {
            fail(new IllegalStateException("the handler has returned without an answer, and did not call later()"));
        }
    }

    // ---- whole answers

    void send(ByteBuffer bytes) {
        begin(SENDING, () -> sendWhole(bytes));
    }

    private void sendWhole(ByteBuffer bytes) {
        boolean inLoop = inLoop();
        LargeBody large = writer.sendWhole(bytes, inLoop);
        if (large == null) {
            finish(inLoop);
        } else {
            owner().http().inLoop(() -> writeOn(large));
        }
    }

    /** Writes as much as there is room for, and again when there is more. Loop only. */
    private void writeOn(LargeBody large) {
        boolean written = false;
        try {
            if (large.writeTo(writer)) {
                writer.end(List.of(), true);
                finish(true);
            } else if (large.hasYielded()) {
                owner().http().loop.execute(() -> writeOn(large));
            } else {
                whenWritable = () -> writeOn(large);
            }
            written = true;
        } finally {
            abortUnless(written);
        }
    }

    void send(PreparedResponse prepared) {
        begin(SENDING, () -> {
            boolean inLoop = inLoop();
            writer.sendWhole(prepared, inLoop);
            finish(inLoop);
        });
    }

    /** Looks at the file first. */
    void send(Path file, long position, long count) {
        begin(SENDING, () -> SentFile.send(this, file, position, count));
    }

    /** Sends a part of a file that was found to be there. */
    void send(FileState file, long position, long count) {
        begin(SENDING, () -> SentFile.send(this, file, position, count));
    }

    void error(int status) {
        begin(SENDING, () -> answerWith(status, null));
    }

    // ---- interim answers, and other protocols

    /** Sends an interim response, unless the final one has begun; returns whether it has been sent. */
    boolean sendInterim(ByteBuffer bytes) {
        synchronized (this) { // the loop that refuses the request meanwhile answers behind it
            return isOpen() && connection().write(bytes) != WriteResult.CLOSED;
        }
    }

    @Override
    boolean markRefused() {
        synchronized (this) {
            return super.markRefused();
        }
    }

    /** Switches to a protocol that the request has asked for. */
    void upgrade(String protocol, ConnectionHandler handler) {
        begin(SENDING, () -> {
            writer.switchTo(protocol, inLoop());
            owner().http().inLoop(() -> owner().upgrade(writer.request, handler));
        });
    }

    // ---- answers bit by bit

    void start(long length) {
        begin(STREAMING, () -> writer.begin(length, inLoop()));
    }

    WriteResult write(ByteBuffer bytes) {
        if (!isStreaming()) {
            return WriteResult.CLOSED;
        }
        try {
            return writer.write(bytes, inLoop());
        } catch (OutOfMemoryError | StackOverflowError e) {
            connection().abort(); // a part of it may have been written
            throw e;
        }
    }

    void end(List<HttpField> trailers) {
        if (!isStreaming()) {
            return;
        }
        boolean inLoop = inLoop();
        boolean ended = false;
        try {
            long lacking = writer.lacking();
            if (lacking > 0) {
                cutOff(inLoop);
                throw new IllegalStateException("the answer lacks " + lacking + " of the bytes that were announced");
            }
            writer.end(trailers, inLoop);
            finish(inLoop);
            ended = true;
        } finally {
            abortUnless(ended);
        }
    }

    // ---- failures

    void fail(Throwable failure) {
        boolean done = false;
        try {
            Throwable cause = Exceptions.unwrapped(failure);
            failWith(cause instanceof BodyException known ? known.refusal() : cause);
            done = true;
        } finally {
            abortUnless(done);
        }
    }

    private void failWith(Throwable cause) {
        if (takeStart(SENDING)) {
            answerFailure(cause);
            return;
        }
        if (!(cause instanceof HttpException || cause instanceof RejectedExecutionException)) {
            writer.report(cause);
        }
        if (phase() == STREAMING) {
            cutOff(inLoop());
        }
    }

    /** The answer has been begun by its sender, but not written yet. */
    void answerFailure(Throwable failure) {
        int with = 500;
        if (failure instanceof HttpException known) {
            with = known.status();
        } else if (failure instanceof RejectedExecutionException) {
            with = 503;
        } else {
            writer.report(failure);
        }
        writer.removeRepresentation();
        answerWith(with, failure);
    }

    private void answerWith(int with, @Nullable Throwable failure) {
        sendWhole(ByteBuffer.wrap(writer.error(with, failure)));
    }

    /** Answers that the server refuses the request. Loop only. */
    void sendRefusal(int with, String reason) {
        begin(SENDING, () -> {
            writer.closes = true;
            answerWith(with, new HttpException(with, reason));
        });
    }

    // ---- draining

    /** Has this run in the loop once the connection drains; soon, if it does already. */
    void onDrain(Runnable action) {
        whenDraining = action; // first: either this sees that the connection drains, or the loop sees the action
        if (owner().isDraining()) {
            try {
                owner().http().loop.execute(this::drain);
            } catch (RejectedExecutionException e) {
                // the loop is closed, and the connection with it
            }
        }
    }

    /** The connection drains. Loop only. */
    void drain() {
        Runnable action = whenDraining;
        int now = phase();
        if (action == null || drained || now == ENDED || now == REFUSED) {
            return;
        }
        drained = true;
        try {
            action.run();
        } catch (Throwable t) {
            fail(t);
        }
    }

    // ---- from the connection, loop only

    void writable() {
        Runnable action = whenWritable;
        int now = phase();
        if (action != null && (now == STREAMING || now == SENDING)) {
            try {
                action.run();
            } catch (Throwable t) {
                fail(t);
            }
        }
    }

    /** The client has ended its input, which is taken for leaving unless it may half-close. */
    void inputClosed() {
        int now = phase();
        if (now == ENDED || owner().http().options.halfClose()) {
            return;
        }
        if (now == OPEN) {
            connection().close(); // earlier answers are still sent
        } else {
            connection().abort(); // half an answer must not look like a whole one
        }
    }

    void connectionClosed() {
        Runnable action = whenClosed;
        if (action != null && phase() != ENDED) {
            try {
                action.run();
            } catch (Throwable t) {
                fail(t);
            }
        }
    }
}
