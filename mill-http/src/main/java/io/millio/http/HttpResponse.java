package io.millio.http;

import io.millio.http.wire.Bytes;
import io.millio.http.wire.FieldLists;
import io.millio.http.wire.Statuses;
import io.millio.internal.Arguments;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.WriteRefusedException;
import io.millio.net.WriteResult;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request: at once and whole by {@link #send}, or bit by bit by {@link #start}, {@link #write} and
 * {@link #end}.
 *
 * <pre>
 *   OPEN --start--&gt; STREAMING --end--&gt; ENDED
 *     +---send---&gt; SENDING --all is queued--^
 *     +---the server refuses the request--&gt; REFUSED
 * </pre>
 *
 * <p>Any thread, one at a time. A call that the state does not allow throws an {@link IllegalStateException}. But once
 * the server has refused the request, for what the client did meanwhile, or the connection has ended, calls do nothing:
 * so no client can make a handler fail. Each request has an object of its own: after its end it affects no other.
 */
public final class HttpResponse {
    final Answer answer;
    private final HttpRequest request;

    HttpResponse(HttpRequest request) {
        this.request = request;
        this.answer = new Answer(new ResponseWriter(this, request));
    }

    /** Returns whether its head has been sent, or another in its place. */
    public boolean isStarted() {
        return !answer.isOpen();
    }

    /**
     * Returns whether a body is sent: an answer to HEAD, and one with the status 204, 205 or 304, has none. Depends on
     * the current status.
     */
    public boolean hasBody() {
        return answer.writer.hasBody();
    }

    // ---- when

    /**
     * Announces that the request will be answered after the handler has returned, and after the last callback of its
     * body. Without this call a request that is not answered then fails: a forgotten answer would leave the client
     * waiting. A streamed answer that has begun needs no announcement.
     */
    public HttpResponse later() {
        answer.later = true;
        return this;
    }

    // ---- the head

    /** Returns the status; 200 at first. */
    public int status() {
        return answer.writer.status;
    }

    /** Sets the status, 200 to 999. */
    public HttpResponse status(int status) {
        Statuses.check(status);
        if (answer.mayChange()) {
            answer.writer.status = status;
        }
        return this;
    }

    /** Returns the value of the first field of a name that was set; null if there is none. */
    public @Nullable String header(String name) {
        return answer.writer.value(Objects.requireNonNull(name, "name"));
    }

    /** Returns the fields that were set, in order. */
    public List<HttpField> fields() {
        return answer.writer.all();
    }

    /**
     * Sets a field, in place of all those of its name.
     *
     * @param value each character is a byte; nothing below a blank but a tab
     * @throws IllegalArgumentException if it is no field, or one that the server sets: Date, Connection,
     *     Content-Length, Transfer-Encoding
     */
    public HttpResponse header(String name, String value) {
        HttpFields.check(name, value);
        if (answer.mayChange()) {
            answer.writer.set(name, value);
        }
        return this;
    }

    /**
     * Adds a field, beside those of its name: a second Set-Cookie, for instance.
     *
     * @throws IllegalArgumentException as {@link #header(String, String)} does
     */
    public HttpResponse addHeader(String name, String value) {
        HttpFields.check(name, value);
        if (answer.mayChange()) {
            answer.writer.add(name, value);
        }
        return this;
    }

    /** Removes all fields of a name that were set. */
    public HttpResponse removeHeader(String name) {
        Objects.requireNonNull(name, "name");
        if (answer.mayChange()) {
            answer.writer.remove(name);
        }
        return this;
    }

    /** Sets the Content-Type. */
    public HttpResponse contentType(String type) {
        return header("Content-Type", type);
    }

    /** Adds a cookie. */
    public HttpResponse setCookie(Cookie cookie) {
        return addHeader("Set-Cookie", cookie.toString());
    }

    /** Has the connection closed after this answer, which says so. */
    public HttpResponse closeConnection() {
        if (answer.mayChange()) {
            answer.writer.closes = true;
        }
        return this;
    }

    // ---- before the answer, or instead of one

    /**
     * Sends an interim response 103 with these fields, such as Link: the client may fetch what they name while the
     * answer is being made (RFC 8297). Not to an HTTP/1.0 client. May be called several times.
     *
     * @throws IllegalArgumentException as {@link #header(String, String)} does
     * @throws IllegalStateException if the answer has begun
     */
    public HttpResponse earlyHints(List<HttpField> fields) {
        Bytes out = new Bytes(256).put(Statuses.lineOf(103));
        for (HttpField each : fields) {
            HttpFields.put(out, each.name(), each.value());
        }
        if (answer.isUnbegun() && request.minorVersion() > 0) {
            boolean unused = answer.sendInterim(out.put("\r\n").buffer());
        }
        return this;
    }

    /**
     * Switches the connection to another protocol: the answer is 101, with the fields that were set, Connection and
     * Upgrade. From then on the connection is the handler's, with the bytes that have come behind the request: HTTP's
     * timeouts end, those of the connection's options stay. The handler's {@code onOpen} is called in the loop; if the
     * connection ends before that, {@link #onClosed} runs in its place. If the server drains, {@code onDrain} follows.
     *
     * @param protocol as the client names it in its field Upgrade, {@code websocket} for instance
     * @throws IllegalArgumentException if that can't be the value of a field
     * @throws IllegalStateException if the client has not asked for that protocol, speaks HTTP/1.0, or has sent a body
     *     that has not been read to its end; or if the answer has begun
     */
    public void upgrade(String protocol, ConnectionHandler handler) {
        HttpFields.check("Upgrade", protocol);
        Objects.requireNonNull(handler, "handler");
        if (!asksFor(protocol)) {
            throw new IllegalStateException("protocol: " + protocol + ", the request does not ask for it: " + request);
        }
        if (!request.isRead()) {
            throw new IllegalStateException("the body must be read before an upgrade: " + request);
        }
        answer.upgrade(protocol, handler);
    }

    /** Whether the client asks to switch to a protocol, and may (RFC 9110, 7.8). */
    private boolean asksFor(String protocol) {
        return request.minorVersion() > 0
                && FieldLists.contain(request.headers("Connection"), "upgrade")
                && FieldLists.contain(request.headers("Upgrade"), protocol);
    }

    // ---- whole answers

    /** Sends an answer without a body. */
    public void send() {
        send(HttpLoop.NO_BYTES);
    }

    /** Sends text in UTF-8, as {@code text/plain; charset=utf-8} unless a Content-Type was set. */
    public void send(String text) {
        if (answer.writer.value("Content-Type") == null) {
            contentType("text/plain; charset=utf-8");
        }
        send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Sends an answer with these bytes. */
    public void send(byte[] body) {
        send(ByteBuffer.wrap(body));
    }

    /**
     * Sends an answer with these bytes, which have been taken when this returns. More than a mebibyte is copied, and
     * sent as the client takes it.
     */
    public void send(ByteBuffer bytes) {
        answer.send(bytes);
    }

    /** Sends an answer that is encoded already, and the fields that were set and that it does not have. */
    public void send(PreparedResponse prepared) {
        answer.send(prepared);
    }

    /**
     * Sends a file, as long as it is when it is looked at, as {@link #sendFile(Path, long, long)} sends a part of it.
     */
    public void sendFile(Path file) {
        Objects.requireNonNull(file, "file");
        answer.send(file, 0, SentFile.ALL);
    }

    /**
     * Sends a part of a file. It is looked at on the loop's compute pool, before anything is sent: if there is none the
     * answer is 404, and if it is shorter or can't be read 500, which is reported. Then it is fetched ahead of the peer
     * a slice at a time ({@link Connection#transferFrom}). If it is replaced or shortened meanwhile, the connection is
     * aborted; one that grows is sent as long as it was.
     *
     * @param position where the part begins, in bytes, at least 0
     * @param count how many bytes, at least 0
     * @throws IllegalArgumentException if the position or the count is negative; nothing has been written then
     */
    public void sendFile(Path file, long position, long count) {
        Objects.requireNonNull(file, "file");
        Arguments.atLeast(0, position, "position");
        Arguments.atLeast(0, count, "count");
        answer.send(file, position, count);
    }

    /**
     * Sends an answer that says no more than this status, with the fields that were set; from 400 on with the body of
     * the {@link HttpOptions#withErrorRenderer error renderer}.
     */
    public void error(int status) {
        status(status);
        answer.error(status);
    }

    /** Sends the client to another place by a 302, as {@link #redirect(int, String)} does. */
    public void redirect(String location) {
        redirect(302, location);
    }

    /**
     * Sends the client to another place.
     *
     * @param status 301, 302, 303, 307 or 308: after the last two the client repeats the method and the body
     * @param location a URI reference, encoded. One that a client has sent may lead to any site: check it
     * @throws IllegalArgumentException if it can't be the value of a field
     */
    public void redirect(int status, String location) {
        if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) {
            throw Arguments.refused("status", status, "must be 301, 302, 303, 307 or 308");
        }
        header("Location", location);
        status(status).send();
    }

    // ---- answers bit by bit

    /** Sends the head; the body's length is not known. */
    public void start() {
        answer.start(ResponseWriter.UNKNOWN);
    }

    /** Sends the head; the body will have so many bytes, at least 0. */
    public void start(long length) {
        answer.start(Arguments.atLeast(0, length, "length"));
    }

    /**
     * Sends a part of the body.
     *
     * @param bytes have been taken when this returns, unless it returns CLOSED
     * @return CONTINUE; PAUSE if too much is queued, so that the next write should wait for {@link #onWritable}; CLOSED
     *     if no body is sent, because the connection has ended, the request was refused or the answer
     *     {@linkplain #hasBody() has none}. After CLOSED call {@link #end}, which is always allowed then
     * @throws IllegalStateException if it is not started, or if there are more bytes than were announced; none is sent
     *     then
     * @throws WriteRefusedException if much too much waits; the connection is aborted
     */
    public WriteResult write(ByteBuffer bytes) {
        return answer.write(bytes);
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
        answer.end(trailers);
    }

    /**
     * Returns a stream that writes the body in a thread that may block, such as a virtual thread or one of
     * {@link HttpHandler#on}: it waits while the client does not take what is queued. Nothing is sent before the first
     * 8 KiB or {@code flush()}: then the head, as by {@link #start()} unless the answer has been started. Closing it
     * ends the answer, with a Content-Length if nothing was sent before; so do not close it when the body could not be
     * made, but call {@link #fail}, or let the exception pass. Takes {@link #onWritable} and {@link #onClosed} for
     * itself. One thread writes at a time; never the loop's, where a write throws an {@link IllegalStateException}.
     *
     * <p>A write throws an {@link java.io.IOException} if the client leaves or the server closes: a handler may let it
     * pass, and nothing is reported; and an {@link java.io.InterruptedIOException} if the thread is interrupted, whose
     * interrupt status stays.
     */
    public OutputStream outputStream() {
        return new BodyOutputStream(request, this);
    }

    /** Has this run, in the loop, when writes may go on after one that returned PAUSE. Set it before the write. */
    public void onWritable(Runnable action) {
        answer.whenWritable = Objects.requireNonNull(action, "action");
    }

    /**
     * Has this run, in the loop, if the connection ends before the answer does, or with one that fails after it has
     * begun. Set it in the handler.
     */
    public void onClosed(Runnable action) {
        answer.whenClosed = Objects.requireNonNull(action, "action");
    }

    /**
     * Has this run, in the loop, when the server {@linkplain HttpServer#close(java.time.Duration) drains} or its loop
     * shuts down before the answer ends; soon, if that has begun. For answers that have no end of their own, which
     * would hold the server up until its deadline and then be cut off. What it throws fails the answer. Set it once.
     */
    public void onDrain(Runnable action) {
        answer.onDrain(Objects.requireNonNull(action, "action"));
    }

    // ---- failures

    /**
     * Gives up: the answer is 500, or the status of a {@link HttpException}, with the fields that were set and do not
     * describe a body; one that has begun is cut off, with the connection; one that has ended stays. What is not an
     * {@code HttpException} goes to the loop's error handler.
     */
    public void fail(Throwable failure) {
        answer.fail(failure);
    }

    @Override
    public String toString() {
        return "answer to " + request;
    }
}
