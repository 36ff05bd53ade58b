package io.millio.http;

import io.millio.http.wire.Fields;
import io.millio.http.wire.HeadLimits;
import io.millio.http.wire.Percent;
import io.millio.http.wire.RequestParser;
import io.millio.http.wire.Syntax;
import io.millio.net.Connection;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A request. Its head is bytes where they were read; a string is made when one is asked for, each time.
 *
 * <p>It is read in the loop, until it is answered. Another thread may read it after {@link #keep} was called in the
 * loop. After the answer the object serves the next request and must not be used.
 */
public final class HttpRequest {
    private static final int UNKNOWN = -1;
    private static final String ASKED_BEFORE = "the body was asked for before";

    final RequestParser parser;
    final HttpResponse response;
    final PathParameters parameters = new PathParameters();

    // Set in the loop before the handler is called, or the request is kept.
    private @Nullable HttpConnection connection;
    private ByteBuffer head = HttpLoop.NO_BYTES;
    private int base;
    private boolean complete;
    private boolean isHead;

    /** Whether the head is in an array of its own. */
    boolean detached;

    private boolean kept;

    /** Whether the body was asked for. Belongs to the thread that handles the request. */
    boolean bodyAsked;

    // Volatile: set by any thread, read by the loop.
    volatile boolean bodyPaused;

    private int pathStart = UNKNOWN;
    private int pathLength;
    private int queryStart;
    long beganNanos;

    HttpRequest(HeadLimits limits) {
        this.parser = new RequestParser(limits);
        this.response = new HttpResponse(this);
    }

    void begin(HttpConnection of) {
        connection = of;
        parser.reset();
        response.reset();
        parameters.clear();
        head = HttpLoop.NO_BYTES;
        complete = false;
        isHead = false;
        beganNanos = 0;
        detached = false;
        kept = false;
        bodyAsked = false;
        if (bodyPaused) {
            bodyPaused = false;
        }
        pathStart = UNKNOWN;
    }

    /** Its head has been parsed. */
    void headIsAt(ByteBuffer in) {
        head = in;
        base = in.position();
        complete = true;
        isHead = parser.methodLength == 4 && Syntax.equals(in, base + parser.methodStart, 4, "HEAD");
    }

    /** Its head has been refused: the answer to HEAD has no body all the same. */
    void headIsRefused(ByteBuffer in) {
        isHead = Syntax.equals(in, in.position() + parser.methodStart, parser.methodLength, "HEAD");
    }

    /** The buffer of the loop is about to be used for something else. */
    void detach() {
        if (!detached) {
            detached = true;
            byte[] copy = new byte[parser.length()];
            if (complete) {
                head.get(base, copy);
            }
            head = ByteBuffer.wrap(copy);
            base = 0;
        }
    }

    HttpConnection owner() {
        return Objects.requireNonNull(connection);
    }

    /**
     * Makes the request readable for other threads, by copying its head. Call it in the handler, before the request is
     * given to them; calling it again does nothing.
     */
    public void keep() {
        if (!kept) {
            checkLoop();
            detach();
            kept = true;
        }
    }

    private ByteBuffer head() {
        if (!kept) {
            checkLoop();
        }
        return head;
    }

    private void checkLoop() {
        if (!owner().http().loop.inLoop()) {
            throw new IllegalStateException(
                    "the request is read outside of the loop, but keep() was not called before");
        }
    }

    private String text(int at, int length) {
        return Syntax.text(head(), base + at, length);
    }

    // ---- the request line

    /** The method, as it came. */
    public String method() {
        if (!complete) {
            return "";
        }
        return isMethod("GET") ? "GET" : text(parser.methodStart, parser.methodLength);
    }

    /** Whether this is the method. Makes no object. */
    public boolean isMethod(String method) {
        return complete && Syntax.equals(head(), base + parser.methodStart, parser.methodLength, method);
    }

    /** The request target, as it came. */
    public String target() {
        return complete ? text(parser.targetStart, parser.targetLength) : "";
    }

    /**
     * The path of the target, as it came: its escapes are not decoded, and the query is not in it. It begins with a
     * slash; only that of {@code OPTIONS *} is an asterisk.
     */
    public String path() {
        findPath();
        return complete ? text(pathStart, pathLength) : "";
    }

    /** Whether this is the path, byte for byte. Makes no object. */
    public boolean isPath(String path) {
        findPath();
        return complete && Syntax.equals(head(), base + pathStart, pathLength, path);
    }

    /** The query, as it came: what follows the first question mark; null if there is none. */
    public @Nullable String query() {
        findPath();
        return queryStart == UNKNOWN ? null : text(queryStart, parser.targetStart + parser.targetLength - queryStart);
    }

    /** The first parameter of a name in the query, decoded as forms encode; null if there is none. */
    public @Nullable String queryParameter(String name) {
        String query = query();
        if (query == null) {
            return null;
        }
        for (String each : query.split("&", -1)) {
            int equals = each.indexOf('=');
            String key = equals < 0 ? each : each.substring(0, equals);
            if (name.equals(Percent.decode(key, true))) {
                return equals < 0 ? "" : Percent.decode(each.substring(equals + 1), true);
            }
        }
        return null;
    }

    /** A parameter of the path that the {@link Router} has matched, decoded; null if there is none. */
    public @Nullable String parameter(String name) {
        int at = parameters.find(name);
        return at < 0
                ? null
                : Percent.decode(
                        text(pathStart + parameters.start(at), parameters.end(at) - parameters.start(at)), false);
    }

    /** 1 for HTTP/1.1, 0 for HTTP/1.0. */
    public int minorVersion() {
        return parser.minorVersion;
    }

    /** Whether the method is HEAD; for the response, on whatever thread that is written. */
    boolean isHead() {
        return isHead;
    }

    ByteBuffer bytes() {
        return head();
    }

    /** Where in the bytes the path is. */
    int pathStart() {
        findPath();
        return base + pathStart;
    }

    int pathLength() {
        findPath();
        return pathLength;
    }

    private void findPath() {
        if (pathStart != UNKNOWN) {
            return;
        }
        queryStart = UNKNOWN;
        if (!complete) {
            pathStart = 0;
            pathLength = 0;
            return;
        }
        ByteBuffer in = head();
        int from = parser.target.pathStart;
        int end = parser.targetStart + parser.targetLength;
        int at = from;
        while (at < end && in.get(base + at) != '?') {
            at++;
        }
        if (at < end) {
            queryStart = at + 1;
        }
        // "http://host" has the path "/", and there is a slash in it to stand for that (RFC 9110, 4.2.3)
        pathStart = at > from ? from : parser.target.authorityStart - 1;
        pathLength = Math.max(1, at - from);
    }

    // ---- fields

    /**
     * Returns the value of the first field of a name; null if there is none. If the target is absolute ({@code GET
     * http://host/}), the value of Host is its host, whatever the field says (RFC 9112, 3.2.2).
     */
    public @Nullable String header(String name) {
        int at = find(name, 0);
        if (at < 0) {
            boolean inTarget = complete && parser.target.authorityLength > 0 && name.equalsIgnoreCase("Host");
            return inTarget ? text(parser.target.authorityStart, parser.target.authorityLength) : null;
        }
        return text(parser.fields.valueStart(at), parser.fields.valueLength(at));
    }

    /** The values of all fields of a name, in order. */
    public List<String> headers(String name) {
        List<String> values = new ArrayList<>();
        for (int at = find(name, 0); at >= 0; at = find(name, at + 1)) {
            values.add(text(parser.fields.valueStart(at), parser.fields.valueLength(at)));
        }
        return values;
    }

    private int find(String name, int from) {
        Objects.requireNonNull(name, "name");
        if (!complete) {
            return -1;
        }
        ByteBuffer in = head();
        for (int i = from; i < parser.fields.count(); i++) {
            int length = parser.fields.nameLength(i);
            if (length == name.length() && Syntax.equalsIgnoringCase(in, base + parser.fields.nameStart(i), name)) {
                return i;
            }
        }
        return -1;
    }

    /** All fields, in order. */
    public List<HttpField> fields() {
        List<HttpField> all = new ArrayList<>();
        Fields known = parser.fields;
        for (int i = 0; complete && i < known.count(); i++) {
            all.add(new HttpField(
                    text(known.nameStart(i), known.nameLength(i)), text(known.valueStart(i), known.valueLength(i))));
        }
        return all;
    }

    // ---- the body

    /** How long the body is; -1 if that is not known before its end. */
    public long contentLength() {
        return parser.framing == RequestParser.Framing.CHUNKED ? -1 : parser.contentLength;
    }

    /**
     * Streams the body to a reader. Until then nothing of it is read, and a client that expects {@code 100 Continue}
     * gets it now. Any thread, once; a body that was not asked for is read and discarded after the answer, or, if it is
     * large, the connection is closed.
     *
     * @throws IllegalStateException if it was called before
     */
    public void body(BodyReader reader) {
        Objects.requireNonNull(reader, "reader");
        if (bodyAsked) {
            throw new IllegalStateException(ASKED_BEFORE);
        }
        bodyAsked = true;
        owner().bodyWanted(this, reader);
    }

    /**
     * Reads the whole body. If its announced length is too large, the result fails at once, no {@code 100 Continue} is
     * sent, and the body counts as not asked for.
     *
     * @param maxBytes how long it may be; it fails with {@link HttpException} 413 if it is longer
     * @return completed in the loop
     * @throws IllegalStateException if the body was asked for before
     */
    public CompletableFuture<byte[]> readBody(int maxBytes) {
        WholeBody whole = new WholeBody(maxBytes, contentLength());
        if (contentLength() <= maxBytes) {
            body(whole);
        } else if (bodyAsked) {
            throw new IllegalStateException(ASKED_BEFORE);
        } else {
            owner().http().inLoop(whole::refuse);
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
        owner().bodyResumed(this);
    }

    /** The fields that came after a chunked body; empty before its end. Loop only. */
    public List<HttpField> trailers() {
        return owner().trailers(this);
    }

    // ---- around it

    /** The connection it came on, to ask it for addresses and its loop; writing to it is the server's business. */
    public Connection connection() {
        return owner().connection();
    }

    /** The address of the peer. */
    public SocketAddress remoteAddress() {
        return connection().remoteAddress();
    }

    @Override
    public String toString() {
        return kept || owner().http().loop.inLoop() ? method() + " " + target() : "request";
    }
}
