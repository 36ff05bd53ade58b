package io.millio.http;

import io.millio.internal.Exceptions;
import io.millio.net.Connection;
import io.millio.net.WriteResult;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The state of an answer, and what the calls of its {@link HttpResponse} do in it. Methods say so if they are for the
 * loop only; the others are for the thread that answers.
 */
final class Answer {
    private static final int OPEN = 0;
    private static final int SENDING = 1;
    private static final int STREAMING = 2;
    private static final int ENDED = 3;
    private static final int REFUSED = 4;

    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(Answer.class, "phase", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final HttpRequest request;
    private final ResponseHead head;
    private final ResponseWriter writer;

    // By compare-and-set from OPEN: by the thread that answers, or by the loop that refuses the request.
    @SuppressWarnings("unused")
    private volatile int phase;

    // Volatile: set by the thread that writes the answer, run by the loop.
    volatile @Nullable Runnable whenWritable;
    volatile @Nullable Runnable whenClosed;

    // Volatile: set by the thread that handles the request, read by the loop.
    volatile boolean later;

    // Volatile: whether another thread runs the handler now.
    private volatile boolean elsewhere;

    // Volatile: whether the body was asked for, so that a callback follows.
    volatile boolean expectsCallback;

    Answer(HttpRequest request, HttpResponse response, ResponseHead head) {
        this.request = request;
        this.head = head;
        this.writer = new ResponseWriter(response, request, head);
    }

    private HttpConnection owner() {
        return request.owner();
    }

    private Connection connection() {
        return owner().connection();
    }

    private boolean inLoop() {
        return owner().http().loop.inLoop();
    }

    // ---- the state

    boolean isOpen() {
        return phase == OPEN;
    }

    /** Whether the rest of the answer comes without the handler, or has come. */
    boolean endsByItself() {
        int now = phase;
        return now == SENDING || now == ENDED;
    }

    int status() {
        return head.status;
    }

    /** How many bytes of a body have been sent. */
    long bodyBytes() {
        return writer.sentBytes();
    }

    /** Whether the connection ends with this answer. Loop only, once it is written. */
    boolean closes() {
        return head.closes;
    }

    /** Has it end with this answer, whatever that has said. Loop only. */
    void closeAfter() {
        head.closes = true;
    }

    /** Whether status and fields may be changed; false if that has no effect, as the server has refused the request. */
    boolean mayChange() {
        int now = phase;
        if (now == OPEN || writer.filtering) {
            return true;
        }
        if (now == REFUSED) {
            return false;
        }
        throw new IllegalStateException("the answer has begun");
    }

    private boolean takeStart(int to) {
        return PHASE.compareAndSet(this, OPEN, to);
    }

    /** Begins the answer with a step, unless the server has refused the request. */
    private void begin(int to, Runnable step) {
        if (takeStart(to)) {
            boolean done = false;
            try {
                step.run();
                done = true;
            } finally {
                abortUnless(done);
            }
        } else if (phase != REFUSED) {
            throw new IllegalStateException("the answer has begun");
        }
    }

    /** Returns false if the server has refused the request. */
    private boolean isStreaming() {
        int now = phase;
        if (now != STREAMING && now != REFUSED) {
            throw new IllegalStateException("the answer has " + (now == OPEN ? "not begun" : "ended"));
        }
        return now == STREAMING;
    }

    private void finish(boolean inLoop) {
        PHASE.setRelease(this, ENDED); // the loop that reads this sees what was written before
        HttpConnection of = owner();
        if (inLoop) {
            of.answered(request);
            return;
        }
        try {
            of.http().loop.execute(() -> of.answeredElsewhere(request));
        } catch (RejectedExecutionException e) {
            // the loop is closed, and the connection with it
        }
    }

    /** Ends the connection after a failure behind which no callback would end the answer. */
    private void abortUnless(boolean done) {
        if (!done) {
            connection().abort();
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
        if (!expectsCallback) {
            failIfForgotten();
        }
    }

    /** A handler says that it has answered. */
    void stageCompleted() {
        int now = phase;
        if ((now == OPEN || now == STREAMING) && connection().isOpen()) {
            fail(new IllegalStateException("the stage has completed without the end of an answer"));
        }
    }

    /** No callback of the body follows; what depends on its end may still answer in this iteration. Loop only. */
    void callbackEnded() {
        if (isForgotten()) {
            try {
                owner().http().loop.execute(this::failIfForgotten);
            } catch (RejectedExecutionException e) {
                // the loop is closed, and the connection with it
            }
        }
    }

    private boolean isForgotten() {
        return phase == OPEN && !later && !elsewhere && connection().isOpen();
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
                finish(true);
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
        begin(
                SENDING,
                () -> SentFile.find(owner().http(), file, (found, failure) -> {
                    boolean sent = false;
                    try {
                        sendFound(found, failure, file, position, count);
                        sent = true;
                    } finally {
                        abortUnless(sent);
                    }
                }));
    }

    /** Loop only. */
    private void sendFound(
            @Nullable FileState found, @Nullable Throwable failure, Path file, long position, long count) {
        SentFile.Part part;
        try {
            part = SentFile.part(found, failure, file, position, count);
        } catch (Throwable t) {
            answerFailure(t);
            return;
        }
        transfer(part.file(), position, part.count());
    }

    /** Sends a part of a file that was found to be there. */
    void send(FileState file, long position, long count) {
        begin(SENDING, () -> transfer(file, position, count));
    }

    private void transfer(FileState file, long position, long count) {
        boolean inLoop = inLoop();
        writer.begin(count, inLoop);
        if (writer.isSilent() || count == 0) {
            finish(inLoop);
            return;
        }
        SentFile.transfer(owner(), file, position, count, () -> {
            writer.sent(count);
            finish(inLoop());
        });
    }

    void error(int status) {
        begin(SENDING, () -> answerWith(status, null));
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
                connection().abort();
                finish(inLoop);
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
            failWith(Exceptions.unwrapped(failure));
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
        if (phase == STREAMING) {
            connection().abort();
            finish(inLoop());
        }
    }

    /** The answer has been begun by its sender, but not written yet. */
    private void answerFailure(Throwable failure) {
        int with = 500;
        if (failure instanceof HttpException known) {
            with = known.status();
        } else if (failure instanceof RejectedExecutionException) {
            with = 503;
        } else {
            writer.report(failure);
        }
        head.removeRepresentation();
        answerWith(with, failure);
    }

    private void answerWith(int with, @Nullable Throwable failure) {
        sendWhole(ByteBuffer.wrap(writer.error(with, failure)));
    }

    /** From now on calls do nothing, as another answers; false if it has begun. Loop only. */
    boolean markRefused() {
        return takeStart(REFUSED);
    }

    /** Answers that the server refuses the request. Loop only. */
    void sendRefusal(int with, String reason) {
        begin(SENDING, () -> {
            head.closes = true;
            answerWith(with, new HttpException(with, reason));
        });
    }

    // ---- from the connection, loop only

    void writable() {
        Runnable action = whenWritable;
        int now = phase;
        if (action != null && (now == STREAMING || now == SENDING)) {
            action.run();
        }
    }

    /** The client has ended its input, which is taken for leaving unless it may half-close. */
    void inputClosed() {
        int now = phase;
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
        if (action != null && phase != ENDED) {
            action.run();
        }
    }
}
