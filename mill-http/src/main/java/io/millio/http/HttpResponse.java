package io.millio.http;

import io.millio.http.wire.Statuses;
import io.millio.internal.Arguments;
import io.millio.net.Connection;
import io.millio.net.FileCheck;
import io.millio.net.WriteRefusedException;
import io.millio.net.WriteResult;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request: at once and whole by {@link #send}, or bit by bit by {@link #start}, {@link #write} and
 * {@link #end}.
 *
 * <pre>
 *   open --start--&gt; started --end--&gt; ended
 *     +-------------- send ------------^
 * </pre>
 *
 * <p>Any thread, one at a time. What can't be done in the state that it is in throws an {@link IllegalStateException}.
 * When the connection has ended, writes do nothing. After its end the object serves the next request and must not be
 * used.
 */
public final class HttpResponse {
    private static final int OPEN = 0;
    private static final int STARTED = 1;
    private static final int ENDED = 2;

    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(HttpResponse.class, "phase", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final HttpRequest request;
    private final ResponseHead head;
    private final ResponseBody body;

    // Who moves it from open to started writes the head: a handler, or the loop that refuses the rest of the request.
    @SuppressWarnings("unused")
    private volatile int phase;

    // Volatile: set by the thread that writes the answer, run by the loop.
    private volatile @Nullable Runnable whenWritable;
    private volatile @Nullable Runnable whenClosed;

    HttpResponse(HttpRequest request) {
        this.request = request;
        this.head = new ResponseHead(request);
        this.body = new ResponseBody(request, head);
    }

    void reset() {
        PHASE.setOpaque(this, OPEN);
        head.reset();
        body.reset();
        if (whenWritable != null) {
            whenWritable = null;
        }
        if (whenClosed != null) {
            whenClosed = null;
        }
    }

    private HttpConnection owner() {
        return request.owner();
    }

    private Connection connection() {
        return owner().connection();
    }

    boolean isOpen() {
        return phase == OPEN;
    }

    boolean isEnded() {
        return phase == ENDED;
    }

    /** Whether its head has been sent. */
    public boolean isStarted() {
        return phase != OPEN;
    }

    /**
     * Returns whether a body is sent: an answer to HEAD, and one with the status 204, 205 or 304, has none. Depends on
     * the current status.
     */
    public boolean hasBody() {
        return head.hasBody();
    }

    // ---- the head

    /** The status; 200 at first. */
    public int status() {
        return head.status;
    }

    /** How many bytes of a body have been sent. */
    long bodyBytes() {
        return body.sentBytes();
    }

    /** Whether the connection ends with this answer. Loop only, once it is written. */
    boolean closes() {
        return head.closes;
    }

    /** Has it end with this answer, whatever that has said. Loop only. */
    void closeAfter() {
        head.closes = true;
    }

    /** Sets the status, 200 to 999. */
    public HttpResponse status(int status) {
        Statuses.check(status);
        checkOpen();
        head.status = status;
        return this;
    }

    /**
     * Adds a field.
     *
     * @param value each character is a byte; nothing below a blank but a tab
     * @throws IllegalArgumentException if it is no field, or one that the server sets: Date, Connection,
     *     Content-Length, Transfer-Encoding
     */
    public HttpResponse header(String name, String value) {
        checkOpen();
        head.put(name, value);
        return this;
    }

    /** Adds the Content-Type. */
    public HttpResponse contentType(String type) {
        return header("Content-Type", type);
    }

    /** Has the connection closed after this answer, which says so. */
    public HttpResponse closeConnection() {
        checkOpen();
        head.closes = true;
        return this;
    }

    private void checkOpen() {
        if (phase != OPEN) {
            throw new IllegalStateException("the answer has begun");
        }
    }

    private boolean takeStart() {
        return PHASE.compareAndSet(this, OPEN, STARTED);
    }

    private void begin() {
        if (!takeStart()) {
            throw new IllegalStateException("the answer has begun");
        }
    }

    private void checkStarted() {
        if (phase != STARTED) {
            throw new IllegalStateException("the answer has " + (phase == OPEN ? "not begun" : "ended"));
        }
    }

    private boolean inLoop() {
        return owner().http().loop.inLoop();
    }

    // ---- whole answers

    /** Sends an answer without a body. */
    public void send() {
        send(HttpLoop.NO_BYTES);
    }

    /** Sends text in UTF-8, as {@code text/plain; charset=utf-8} unless a Content-Type was set. */
    public void send(String text) {
        if (!head.hasType) {
            contentType("text/plain; charset=utf-8");
        }
        send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Sends an answer with these bytes. */
    public void send(byte[] body) {
        send(ByteBuffer.wrap(body));
    }

    /**
     * Sends an answer with these bytes, which have been taken when this returns.
     *
     * @throws WriteRefusedException if there are more than the connection may queue; the connection is aborted then
     */
    public void send(ByteBuffer bytes) {
        begin();
        boolean inLoop = inLoop();
        body.sendWhole(bytes, inLoop);
        finish(inLoop);
    }

    /** Sends an answer that is encoded already; the fields and the status that were set are not in it. */
    public void send(PreparedResponse prepared) {
        begin();
        boolean inLoop = inLoop();
        body.sendWhole(prepared, inLoop);
        finish(inLoop);
    }

    /**
     * Sends a part of a file, which is fetched ahead of the peer a slice at a time, on the loop's compute pool
     * ({@link io.millio.net.Connection#transferFrom}). If it can't be read, or is shorter, the connection is aborted.
     *
     * @param position where the part begins, in bytes, at least 0
     * @param count how many bytes, at least 0
     * @throws IllegalArgumentException if the position or the count is negative; nothing has been written then
     */
    public void sendFile(Path file, long position, long count) {
        Objects.requireNonNull(file, "file");
        Arguments.atLeast(0, position, "position");
        Arguments.atLeast(0, count, "count");
        sendFile(file, position, count, opened -> {});
    }

    /** Sends a part of a file if it is still as it was found; otherwise the connection is aborted. */
    void sendFile(FileState file, long position, long count) {
        sendFile(file.path(), position, count, opened -> file.check());
    }

    private void sendFile(Path file, long position, long count, FileCheck check) {
        begin();
        boolean inLoop = inLoop();
        body.begin(count, inLoop);
        if (body.isSilent() || count == 0) {
            finish(inLoop);
            return;
        }
        HttpConnection of = owner();
        CompletableFuture<?> unused = connection()
                .transferFrom(file, position, count, check)
                .whenComplete((sent, failure) -> {
                    body.sent(sent == null ? 0 : sent);
                    if (sent == null || sent != count) {
                        of.connection().abort();
                        if (failure != null && !(failure instanceof java.util.concurrent.CancellationException)) {
                            of.http().report(failure, "file " + file);
                        }
                    }
                    finish(of.http().loop.inLoop());
                });
    }

    /** Sends an answer that says no more than this status. The fields that were set are in it. */
    public void error(int status) {
        status(status);
        if (Statuses.hasBody(status)) {
            contentType("text/plain");
            send(status + " " + Statuses.phrase(status) + "\n");
        } else {
            send();
        }
    }

    // ---- answers bit by bit

    /** Sends the head; the body's length is not known. */
    public void start() {
        begin();
        body.begin(ResponseBody.UNKNOWN, inLoop());
    }

    /** Sends the head; the body will have so many bytes, at least 0. */
    public void start(long length) {
        if (length < 0) {
            throw new IllegalArgumentException("length: " + length + ", must not be negative");
        }
        begin();
        body.begin(length, inLoop());
    }

    /**
     * Sends a part of the body.
     *
     * @param bytes have been taken when this returns, unless it returns CLOSED
     * @return CONTINUE; PAUSE if too much is queued, so that the next write should wait for {@link #onWritable}; CLOSED
     *     if no body is sent, because the connection has ended or the answer {@linkplain #hasBody() has none}. After
     *     CLOSED call {@link #end}, which is always allowed then
     * @throws IllegalStateException if it is not started, or if there are more bytes than were announced; none is sent
     *     then
     * @throws WriteRefusedException if much too much waits; the connection is aborted
     */
    public WriteResult write(ByteBuffer bytes) {
        checkStarted();
        return body.write(bytes, inLoop());
    }

    /** Ends the answer. */
    public void end() {
        end(List.of());
    }

    /**
     * Ends the answer, with fields after its body if that is chunked.
     *
     * @throws IllegalStateException if fewer bytes were written than announced, while the connection is open; it is
     *     aborted
     */
    public void end(List<HttpField> trailers) {
        checkStarted();
        boolean inLoop = inLoop();
        long lacking = body.lacking();
        if (lacking > 0) {
            connection().abort();
            finish(inLoop);
            throw new IllegalStateException("the answer lacks " + lacking + " of the bytes that were announced");
        }
        body.end(trailers, inLoop);
        finish(inLoop);
    }

    /** Has this run, in the loop, when writes may go on after one that returned PAUSE. Set it before the write. */
    public void onWritable(Runnable action) {
        whenWritable = Objects.requireNonNull(action, "action");
    }

    /** Has this run, in the loop, if the connection ends before the answer does. Set it in the handler. */
    public void onClosed(Runnable action) {
        whenClosed = Objects.requireNonNull(action, "action");
    }

    /**
     * Gives up: the answer is 500, or the status of a {@link HttpException}; one that has begun is cut off, with the
     * connection; one that has ended stays. What is not an {@code HttpException} goes to the loop's error handler.
     */
    public void fail(Throwable failure) {
        if (failure instanceof java.util.concurrent.CompletionException wrapper && wrapper.getCause() != null) {
            fail(wrapper.getCause());
            return;
        }
        HttpConnection of = owner();
        int with = 500;
        if (failure instanceof HttpException known) {
            with = known.status();
        } else if (failure instanceof RejectedExecutionException) {
            with = 503;
        } else {
            try {
                of.http().report(failure, request.toString());
            } catch (RejectedExecutionException e) {
                failure.addSuppressed(e); // the loop is closed and cannot report it
            }
        }
        if (takeStart()) {
            answerWith(with);
        } else if (phase == STARTED) {
            of.connection().abort();
            finish(inLoop());
        }
    }

    /** The server refuses the request; false if its answer has begun. Loop only. */
    boolean refuse(int with) {
        if (!takeStart()) {
            return false;
        }
        head.closes = true;
        answerWith(with);
        return true;
    }

    /** The handler has taken too long; nothing is done if its answer has begun. Loop only. */
    void refuseUnanswered() {
        if (refuse(503)) {
            owner().http().report(new TimeoutException("no answer within the responseTimeout"), request.toString());
        }
    }

    /** The client has ended its input, which is taken for leaving unless it may half-close. Loop only. */
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

    private void answerWith(int with) {
        head.becomeError(with);
        boolean inLoop = inLoop();
        byte[] text = (with + " " + Statuses.phrase(with) + "\n").getBytes(StandardCharsets.US_ASCII);
        body.sendWhole(ByteBuffer.wrap(text), inLoop);
        finish(inLoop);
    }

    private void finish(boolean inLoop) {
        PHASE.setRelease(this, ENDED); // what was written before is seen by who takes the object next
        HttpConnection of = owner();
        if (inLoop) {
            of.answered(this);
            return;
        }
        try {
            of.http().loop.execute(() -> of.answeredElsewhere(this));
        } catch (RejectedExecutionException e) {
            // the loop is closed, and the connection with it
        }
    }

    // ---- from the connection, in the loop

    void writable() {
        Runnable action = whenWritable;
        if (action != null && phase == STARTED) {
            action.run();
        }
    }

    void connectionClosed() {
        Runnable action = whenClosed;
        if (action != null && phase != ENDED) {
            action.run();
        }
    }
}
