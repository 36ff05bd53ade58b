package io.millio.http;

import io.millio.http.wire.Ascii;
import io.millio.http.wire.Fields;
import io.millio.http.wire.Framing;
import io.millio.http.wire.Percent;
import io.millio.http.wire.QueryParameters;
import io.millio.http.wire.RequestParser;
import io.millio.net.Connection;
import java.io.InputStream;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A request: a copy of its head, and the way to its body. Each request has an object of its own, which may be kept.
 *
 * <p>Any thread may read the head, at any time. A string is made of its bytes when one is asked for, each time.
 * Parameters and attributes belong to one thread at a time: to the handler's.
 */
public final class HttpRequest {
    private static final Fields NO_FIELDS = new Fields(new Fields());

    private final HttpConnection connection;
    final HttpResponse response;

    // The head, or what was parsed of one that is refused. Never changed after construction.
    final byte[] head;
    private final Fields fields;
    private final int methodLength;
    private final int targetStart;
    private final int targetLength;
    private final int authorityStart;
    private final int authorityLength;
    private final int pathStart;
    private final int pathLength;
    private final int queryStart; // 0 if there is no query
    private final int minorVersion;
    private final boolean isHead;
    final Framing framing;
    final boolean asksToClose;
    final boolean expectsContinue;
    final long announcedLength; // 0 where it is chunked or there is none
    final long beganNanos;

    /** Whether the body is read. Belongs to the thread that handles the request. */
    boolean bodyAsked;

    private boolean bodyClaimed;

    // Volatile: set by any thread, read by the loop.
    volatile boolean bodyPaused;

    // Volatile: set in the loop when the body begins; read by the thread that answers.
    volatile @Nullable RequestBody incoming;

    volatile @Nullable RequestMemory memory; // set once, by the first thread that charges something
    boolean logged; // by the access log; loop only
    private @Nullable PathParameters parameters;

    @Nullable
    String route; // plain: set before its handler is called, and a string is safe to publish by a race

    private @Nullable Map<String, Object> attributes;

    /**
     * Copies what the parser has found.
     *
     * @param refused whether the parser has refused it: then there are no fields
     */
    HttpRequest(HttpConnection connection, RequestParser parser, boolean refused, long beganNanos) {
        this.connection = connection;
        this.beganNanos = beganNanos;
        methodLength = parser.methodLength;
        targetLength = parser.targetLength;
        targetStart = targetLength == 0 ? 0 : parser.targetStart;
        minorVersion = parser.minorVersion;
        head = parser.copy(refused ? Math.max(methodLength, targetStart + targetLength) : parser.length());
        isHead = isMethod("HEAD");
        framing = refused ? Framing.NONE : parser.control.framing;
        fields = refused ? NO_FIELDS : new Fields(parser.fields);
        asksToClose = refused || parser.asksToClose();
        expectsContinue = parser.control.expectsContinue;
        announcedLength = framing == Framing.NONE ? 0 : parser.control.contentLength;
        authorityStart = parser.target.authorityStart;
        authorityLength = refused ? 0 : parser.target.authorityLength;
        pathStart = parser.target.pathStart;
        pathLength = parser.target.pathLength;
        queryStart = parser.target.queryStart;
        response = new HttpResponse(this);
    }

    HttpConnection owner() {
        return connection;
    }

    private String text(int at, int length) {
        return Ascii.text(head, at, length);
    }

    // ---- the request line

    /** Returns the method, as it came; empty if the head was refused before its end. */
    public String method() {
        return isMethod("GET") ? "GET" : text(0, methodLength);
    }

    /** Returns whether this is the method. Makes no object. */
    public boolean isMethod(String method) {
        return Ascii.equals(head, 0, methodLength, method);
    }

    /** Returns the request target, as it came; empty if the head was refused before its end. */
    public String target() {
        return text(targetStart, targetLength);
    }

    /**
     * Returns the path of the target, as it came: its escapes are not decoded, and the query is not in it. It begins
     * with a slash; only that of {@code OPTIONS *} is an asterisk.
     */
    public String path() {
        return text(pathStart, pathLength);
    }

    /** Returns whether this is the path, byte for byte. Makes no object. */
    public boolean isPath(String path) {
        return Ascii.equals(head, pathStart, pathLength, path);
    }

    /** Returns the query, as it came: what follows the first question mark; null if there is none. */
    public @Nullable String query() {
        return queryStart == 0 ? null : text(queryStart, targetStart + targetLength - queryStart);
    }

    /** Returns the first parameter of a name in the query, decoded as forms encode; null if there is none. */
    public @Nullable String queryParameter(String name) {
        List<String> values = QueryParameters.values(query(), name, true);
        return values.isEmpty() ? null : values.get(0);
    }

    /** Returns all parameters of a name in the query, in order, decoded as forms encode. */
    public List<String> queryParameters(String name) {
        return QueryParameters.values(query(), name, false);
    }

    /** Returns a parameter of the path that the {@link Router} has matched, decoded; null if there is none. */
    public @Nullable String parameter(String name) {
        PathParameters known = parameters;
        int at = known == null ? -1 : known.find(name);
        return known == null || at < 0
                ? null
                : Percent.decode(text(pathStart + known.start(at), known.end(at) - known.start(at)), false);
    }

    /** Returns the route that a {@link Router} has matched last, such as {@code /users/{id}}; null if there is none. */
    public @Nullable String route() {
        return route;
    }

    /** Returns 1 for HTTP/1.1, 0 for HTTP/1.0. */
    public int minorVersion() {
        return minorVersion;
    }

    boolean isHead() {
        return isHead;
    }

    byte[] bytes() {
        return head;
    }

    int pathStart() {
        return pathStart;
    }

    int pathLength() {
        return pathLength;
    }

    PathParameters parameters() {
        PathParameters known = parameters;
        if (known == null) {
            known = new PathParameters();
            parameters = known;
        }
        return known;
    }

    // ---- fields

    /**
     * Returns the value of the first field of a name; null if there is none. If the target is absolute ({@code GET
     * http://host/}), the value of Host is its host, whatever the field says (RFC 9112, 3.2.2). O(fields).
     */
    public @Nullable String header(String name) {
        int at = find(name, 0);
        if (at < 0) {
            return authorityLength > 0 && name.equalsIgnoreCase("Host") ? text(authorityStart, authorityLength) : null;
        }
        return text(fields.valueStart(at), fields.valueLength(at));
    }

    /** Returns the values of all fields of a name, in order. */
    public List<String> headers(String name) {
        List<String> values = new ArrayList<>();
        for (int at = find(name, 0); at >= 0; at = find(name, at + 1)) {
            values.add(text(fields.valueStart(at), fields.valueLength(at)));
        }
        return values;
    }

    private int find(String name, int from) {
        return fields.find(head, Objects.requireNonNull(name, "name"), from);
    }

    /** Returns all fields, in order. */
    public List<HttpField> fields() {
        List<HttpField> all = new ArrayList<>();
        for (int i = 0; i < fields.count(); i++) {
            all.add(new HttpField(
                    text(fields.nameStart(i), fields.nameLength(i)),
                    text(fields.valueStart(i), fields.valueLength(i))));
        }
        return all;
    }

    /** Returns the value of a cookie; null if there is none. Reads all of them, each time. */
    public @Nullable String cookie(String name) {
        return cookies().get(Objects.requireNonNull(name, "name"));
    }

    /** Returns the cookies by name, in the order in which they came; of several with one name the first. */
    public Map<String, String> cookies() {
        return Cookie.parse(headers("Cookie"));
    }

    // ---- attributes

    /** Returns what was stored under a name, by a filter for instance; null if nothing was. */
    public @Nullable Object attribute(String name) {
        Objects.requireNonNull(name, "name");
        Map<String, Object> known = attributes;
        return known == null ? null : known.get(name);
    }

    /** Stores a value under a name for as long as the request lasts, in place of one that is there. */
    public void attribute(String name, Object value) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        Map<String, Object> known = attributes;
        if (known == null) {
            known = new HashMap<>();
            attributes = known;
        }
        known.put(name, value);
    }

    // ---- the body

    RequestBody startBody(RequestBody body) {
        incoming = body;
        return body;
    }

    /** Whether the body is, or will be, read to its end, as far as is known now. Any thread. */
    boolean endIsReached() {
        RequestBody known = incoming;
        return framing == Framing.NONE || known != null && known.endIsReached();
    }

    /** Whether all of the body has been read, or there is none. Any thread. */
    boolean isRead() {
        RequestBody known = incoming;
        return framing == Framing.NONE || known != null && known.isOver();
    }

    /** Lowers the limit of the body. */
    void limitBody(long maxBytes) throws HttpException {
        if (announcedLength > maxBytes) {
            throw new HttpException(413, "the body of " + announcedLength + " bytes is longer than " + maxBytes);
        }
        RequestBody known = incoming;
        if (known != null) {
            known.limit(maxBytes);
        }
    }

    /** Returns how long the body is, in bytes; -1 if that is not known before its end. */
    public long contentLength() {
        return framing == Framing.CHUNKED ? -1 : announcedLength;
    }

    /**
     * Streams the body to a reader. Until then nothing of it is read, and a client that expects {@code 100 Continue}
     * gets it now. Any thread, once. A body that was not asked for is read and discarded after the answer, or, if it is
     * large, the connection is closed.
     *
     * <p>If the request is not answered when the reader's last callback returns, and {@link HttpResponse#later} was not
     * called, it fails.
     *
     * @throws IllegalStateException if it was called before
     */
    public void body(BodyReader reader) {
        Objects.requireNonNull(reader, "reader");
        claimBody();
        response.answer.expectsCallback = true;
        askFor(reader);
    }

    private void askFor(BodyReader reader) {
        bodyAsked = true;
        RequestBody known = incoming;
        if (known != null) {
            known.asked();
        }
        connection.bodyWanted(this, reader);
    }

    private void claimBody() {
        if (bodyClaimed) {
            throw new IllegalStateException("the body was asked for before");
        }
        bodyClaimed = true;
    }

    /**
     * Returns a stream that reads the body in a thread that may block, such as a virtual thread or one of
     * {@link HttpHandler#on}. The body is paused while 64 KiB wait to be read. One thread reads at a time; never the
     * loop's, where a read throws an {@link IllegalStateException}.
     *
     * <p>A read throws an {@link java.io.IOException} if the client leaves, the body is refused or too slow, or the
     * server closes: a handler may let it pass, and nothing is reported; and an {@link java.io.InterruptedIOException}
     * if the thread is interrupted, whose interrupt status stays. A stream that is closed before its end leaves the
     * rest unread, and the connection ends with the answer.
     *
     * @throws IllegalStateException if the body was asked for before
     */
    public InputStream inputStream() {
        claimBody();
        BodyInputStream stream = new BodyInputStream(this);
        askFor(stream);
        return stream;
    }

    /**
     * Writes the body to a new file, on the loop's compute pool, with back-pressure. If anything fails, what has been
     * written is removed. The request counts as one that is answered {@linkplain HttpResponse#later later}.
     *
     * @param file where no file is; its directory exists
     * @return how many bytes were written, completed in the loop when the file is closed; fails with the
     *     {@link HttpException} that the client gets, or an {@link java.io.IOException} of the file system, such as a
     *     {@link java.nio.file.FileAlreadyExistsException}: then the request is still to be answered
     * @throws IllegalStateException if the body was asked for before
     */
    public CompletableFuture<Long> bodyTo(Path file) {
        BodyFile writer = new BodyFile(this, Objects.requireNonNull(file, "file"));
        response.later();
        body(writer);
        return writer.result();
    }

    /**
     * Reads the whole body. If its announced length is too large, the result fails at once, no {@code 100 Continue} is
     * sent, and the body is treated as one that was not asked for.
     *
     * <p>If the request is not answered when the dependents of the result have run, and {@link HttpResponse#later} was
     * not called, it fails: so an exception in one of them does not leave the client without an answer.
     *
     * @param maxBytes how long it may be; it fails with {@link HttpException} 413 if it is longer
     * @return completed in the loop
     * @throws IllegalStateException if the body was asked for before
     */
    public CompletableFuture<byte[]> readBody(int maxBytes) {
        WholeBody whole = new WholeBody(this, maxBytes);
        if (contentLength() <= maxBytes) {
            body(whole);
        } else {
            claimBody();
            response.answer.expectsCallback = true;
            boolean unused = connection.http().inLoop(() -> {
                whole.refuse();
                response.answer.callbackEnded();
            });
        }
        return whole.result();
    }

    /** Pauses the body: no callback begins until {@link #resumeBody}; one in progress may finish. Any thread. */
    public void pauseBody() {
        bodyPaused = true;
    }

    /** Resumes the body after {@link #pauseBody}. Any thread. */
    public void resumeBody() {
        bodyPaused = false;
        connection.bodyResumed(this);
    }

    /** Returns the fields that came after a chunked body; empty before its end. Loop only. */
    public List<HttpField> trailers() {
        RequestBody known = incoming;
        return known == null ? List.of() : known.trailers();
    }

    // ---- around it

    /** Returns the connection it came on, to ask it for addresses and its loop; only the server writes to it. */
    public Connection connection() {
        return connection.connection();
    }

    /** Returns the address of the peer. */
    public SocketAddress remoteAddress() {
        return connection().remoteAddress();
    }

    @Override
    public String toString() {
        return method() + " " + target();
    }
}
