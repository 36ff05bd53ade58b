package io.millio.http;

import io.millio.http.wire.Bytes;
import io.millio.http.wire.Statuses;
import java.nio.charset.StandardCharsets;

/** The status and fields of an answer. Belongs to the thread that writes the answer, to the loop after its end. */
final class ResponseHead {
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "Connection: keep-alive\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LENGTH = "Content-Length: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END_OF_LINE = {'\r', '\n'};

    private final HttpRequest request;
    private final Bytes fields = new Bytes(128);
    int status = 200;

    /** Whether the connection ends with this answer. */
    boolean closes;

    /** Whether a Content-Type was set. */
    boolean hasType;

    ResponseHead(HttpRequest request) {
        this.request = request;
    }

    void reset() {
        fields.clear();
        status = 200;
        closes = false;
        hasType = false;
    }

    void put(String name, String value) {
        HttpFields.put(fields, name, value);
        hasType |= name.equalsIgnoreCase("Content-Type");
    }

    /** Forgets what was set: an error is answered with a line of text. */
    void becomeError(int with) {
        status = with;
        fields.clear();
        put("Content-Type", "text/plain");
    }

    /** Whether a body is sent, with this status and to this request. */
    boolean hasBody() {
        return !request.isHead() && Statuses.hasBody(status);
    }

    /** Room for a head and a little body. */
    Bytes scratch(boolean inLoop) {
        return inLoop ? request.owner().http().scratch.clear() : new Bytes(512 + fields.length());
    }

    /**
     * The bytes of the head of an answer whose body has so many bytes, or {@link ResponseBody#UNKNOWN}. With no other
     * way to end a body, the connection will.
     */
    Bytes render(long length, boolean inLoop) {
        Bytes out = scratch(inLoop).put(Statuses.lineOf(status)).put(fields);
        if (Statuses.hasBody(status)) {
            if (length != ResponseBody.UNKNOWN) {
                out.put(LENGTH).put(length).put(END_OF_LINE);
            } else if (request.minorVersion() > 0) {
                out.put(CHUNKED);
            } else {
                closes = true;
            }
        } else if (Statuses.hasLength(status)) {
            out.put(LENGTH).put(0L).put(END_OF_LINE);
        }
        return common(out, inLoop);
    }

    /** The bytes of the head of an answer that is encoded already. */
    Bytes render(PreparedResponse prepared, boolean inLoop) {
        status = prepared.status;
        return common(scratch(inLoop).put(prepared.head), inLoop);
    }

    /** The head's end: what goes for all answers. */
    private Bytes common(Bytes out, boolean inLoop) {
        HttpConnection owner = request.owner();
        HttpLoop http = owner.http();
        out.put(inLoop ? http.date() : HttpLoop.dateOf(http.options.clock().millis()));
        closes |= !owner.mayPersist(request);
        if (closes) {
            out.put(CLOSE);
        } else if (request.minorVersion() == 0) {
            out.put(KEEP_ALIVE);
        }
        return out.put(END_OF_LINE);
    }
}
