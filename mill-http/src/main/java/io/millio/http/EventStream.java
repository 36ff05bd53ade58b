package io.millio.http;

import io.millio.EventLoop;
import io.millio.Repeat;
import io.millio.Timer;
import io.millio.internal.Arguments;
import io.millio.internal.Persistently;
import io.millio.net.Connection;
import io.millio.net.WriteResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is a stream of server-sent events (WHATWG HTML, "Server-sent events"). It ends by {@link #close}, when
 * the client leaves, or when the server drains; {@link #onClosed} runs in each of these cases.
 *
 * <p>Any thread, several at a time: events of two threads are not mixed. No call waits.
 */
public final class EventStream implements AutoCloseable {
    private static final byte[] HEARTBEAT = {':', '\n', '\n'};

    private final HttpResponse response;
    private final Connection connection;
    private final EventLoop loop;
    private final @Nullable String lastEventId;

    // Guarded by this.
    private boolean ended;
    private @Nullable Timer heartbeat;
    private @Nullable Runnable whenClosed;

    private EventStream(HttpRequest request, HttpResponse response) {
        this.response = response;
        this.connection = request.connection();
        this.loop = connection.loop();
        this.lastEventId = request.header("Last-Event-ID");
    }

    /**
     * Starts an answer that is a stream of events: sends its head, with {@code Content-Type: text/event-stream}, and
     * {@code Cache-Control: no-cache} unless that field was set. Takes {@link HttpResponse#onClosed} and
     * {@link HttpResponse#onDrain} for itself. An answer {@linkplain HttpResponse#hasBody() without a body}, as to
     * HEAD, ends at once.
     *
     * @throws IllegalStateException if the answer has begun
     */
    public static EventStream start(HttpRequest request, HttpResponse response) {
        EventStream stream = new EventStream(request, response);
        response.contentType("text/event-stream");
        if (response.header("Cache-Control") == null) {
            response.header("Cache-Control", "no-cache");
        }
        boolean hasBody = response.hasBody();
        response.onClosed(stream::finish);
        response.start();
        if (hasBody && response.answer.phase() == AnswerState.STREAMING) { // else the request was refused meanwhile
            response.onDrain(stream::close);
        } else {
            stream.close();
        }
        return stream;
    }

    /** Returns the id of the last event that a client has received which reconnects; null if it does not. */
    public @Nullable String lastEventId() {
        return lastEventId;
    }

    /**
     * Sends an event of the default type, {@code message}, without an id.
     *
     * @return as {@link #send(String, String, String)} does
     */
    public WriteResult send(String data) {
        return send(null, null, data);
    }

    /**
     * Sends an event.
     *
     * @param event its type; null for the default one
     * @param id the id from which a client that reconnects continues; null to leave the one before
     * @param data may have several lines, which end in LF, CR or both; the client gets LF
     * @return CONTINUE; PAUSE if much is queued, so that a program that can wait for {@link #onWritable} should; CLOSED
     *     if the stream has ended
     * @throws IllegalArgumentException if there is a line end in the type or the id, or a NUL in the id
     * @throws io.millio.net.WriteRefusedException if much too much is queued; the connection is aborted
     */
    public WriteResult send(@Nullable String event, @Nullable String id, String data) {
        return write(ByteBuffer.wrap(frame(event, id, data).getBytes(StandardCharsets.UTF_8)));
    }

    private static String frame(@Nullable String event, @Nullable String id, String data) {
        StringBuilder frame = new StringBuilder(data.length() + 64);
        if (event != null) {
            frame.append("event: ").append(oneLine(event, "event")).append('\n');
        }
        if (id != null) {
            frame.append("id: ").append(oneLine(id, "id")).append('\n');
        }
        int at = 0;
        for (int end = 0; end <= data.length(); end++) {
            char c = end == data.length() ? '\n' : data.charAt(end);
            if (c == '\n' || c == '\r') {
                frame.append("data: ").append(data, at, end).append('\n');
                if (c == '\r' && end + 1 < data.length() && data.charAt(end + 1) == '\n') {
                    end++;
                }
                at = end + 1;
            }
        }
        return frame.append('\n').toString();
    }

    private static String oneLine(String value, String argument) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\n' || c == '\r' || c == 0) {
                throw Arguments.refused(argument, value, "must not have a line end or a NUL");
            }
        }
        return value;
    }

    private synchronized WriteResult write(ByteBuffer bytes) {
        return ended ? WriteResult.CLOSED : response.write(bytes);
    }

    /**
     * Sends a comment again and again, so that nothing between client and server takes the connection for dead, and a
     * client that has vanished is noticed. None is sent while bytes wait for the client.
     *
     * @param period between comments, positive; replaces one that was given before
     */
    public EventStream heartbeat(Duration period) {
        Arguments.positiveNanos(period, "period");
        synchronized (this) {
            if (!ended) {
                cancelHeartbeat();
                try {
                    heartbeat = loop.scheduleRepeating(period, period, Repeat.FIXED_DELAY, this::beat);
                } catch (RejectedExecutionException e) {
                    // the loop is closed, and the connection with it
                }
            }
        }
        return this;
    }

    private void beat() {
        if (connection.queuedBytes() == 0 && write(ByteBuffer.wrap(HEARTBEAT)) == WriteResult.CLOSED) {
            close();
        }
    }

    private void cancelHeartbeat() {
        Timer known = heartbeat;
        heartbeat = null;
        if (known != null) {
            known.cancel();
        }
    }

    /** Has this run, in the loop, when events may be sent again after a PAUSE. Set it before the first event. */
    public EventStream onWritable(Runnable action) {
        response.onWritable(action);
        return this;
    }

    /** Has this run once, in the loop, when the stream has ended; soon, if it has ended already. */
    public EventStream onClosed(Runnable action) {
        Objects.requireNonNull(action, "action");
        synchronized (this) {
            if (!ended) {
                whenClosed = action;
                return this;
            }
        }
        Persistently.executeOrRun(loop, action);
        return this;
    }

    /** Returns whether events can be sent. */
    public synchronized boolean isOpen() {
        return !ended;
    }

    /** Ends the stream after what is queued. A second call does nothing. */
    @Override
    public void close() {
        boolean done = false;
        try {
            synchronized (this) {
                if (!ended) {
                    ended = true;
                    response.end();
                }
            }
            done = true;
        } finally {
            if (!done) {
                connection.abort();
            }
            finish();
        }
    }

    /** The stream has ended, by {@link #close} or with the connection. */
    private void finish() {
        @Nullable Runnable action;
        synchronized (this) {
            ended = true;
            cancelHeartbeat();
            action = whenClosed;
            whenClosed = null;
        }
        if (action != null) {
            Persistently.executeOrRun(loop, action);
        }
    }
}
