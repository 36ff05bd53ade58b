package io.millio.http;

import io.millio.http.wire.Bytes;
import io.millio.http.wire.Statuses;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The status and fields of an answer. Belongs to the thread that writes the answer, to the loop after its end. */
final class ResponseHead {
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "Connection: keep-alive\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LENGTH = "Content-Length: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END_OF_LINE = {'\r', '\n'};

    /** A field takes its name, its value and so many bytes more. */
    private static final int FIELD_BYTES = ": \r\n".length();

    private final HttpRequest request;

    // Names and values in turn; null until there is one.
    private @Nullable List<String> fields;
    int status = 200;

    /** Whether the connection ends with this answer. */
    boolean closes;

    ResponseHead(HttpRequest request) {
        this.request = request;
    }

    void add(String name, String value) {
        HttpFields.check(name, value);
        List<String> known = fields;
        if (known == null) {
            known = new ArrayList<>(4);
            fields = known;
        }
        known.add(name);
        known.add(value);
    }

    /** Adds a field in place of all those of its name. */
    void set(String name, String value) {
        HttpFields.check(name, value);
        remove(name);
        add(name, value);
    }

    void remove(String name) {
        List<String> known = fields;
        for (int i = known == null ? -1 : known.size() - 2; known != null && i >= 0; i -= 2) {
            if (known.get(i).equalsIgnoreCase(name)) {
                known.remove(i + 1);
                known.remove(i);
            }
        }
    }

    /** Returns the value of the first field of a name; null if there is none. */
    @Nullable
    String value(String name) {
        List<String> known = fields;
        for (int i = 0; known != null && i < known.size(); i += 2) {
            if (known.get(i).equalsIgnoreCase(name)) {
                return known.get(i + 1);
            }
        }
        return null;
    }

    List<HttpField> all() {
        List<HttpField> all = new ArrayList<>();
        List<String> known = fields;
        for (int i = 0; known != null && i < known.size(); i += 2) {
            all.add(new HttpField(known.get(i), known.get(i + 1)));
        }
        return all;
    }

    /** Removes the fields that describe a body, or how long an answer may be kept, as another one is sent. */
    void removeRepresentation() {
        List<String> known = fields;
        for (int i = known == null ? -1 : known.size() - 2; known != null && i >= 0; i -= 2) {
            String name = known.get(i).toLowerCase(Locale.ROOT);
            boolean represents = switch (name) {
                case "etag", "last-modified", "cache-control", "expires", "accept-ranges" -> true;
                case "content-security-policy", "content-security-policy-report-only" -> false;
                default -> name.startsWith("content-");
            };
            if (represents) {
                known.remove(i + 1);
                known.remove(i);
            }
        }
    }

    /** Whether a body is sent, with this status and to this request. */
    boolean hasBody() {
        return !request.isHead() && Statuses.hasBody(status);
    }

    private int fieldBytes() {
        int sum = 0;
        List<String> known = fields;
        for (int i = 0; known != null && i < known.size(); i++) {
            sum += known.get(i).length() + FIELD_BYTES;
        }
        return sum;
    }

    /** Room for a head and a little body. */
    Bytes scratch(boolean inLoop) {
        return inLoop ? request.owner().http().scratch.clear() : new Bytes(512 + fieldBytes());
    }

    private void putFields(Bytes out, @Nullable PreparedResponse except) {
        List<String> known = fields;
        for (int i = 0; known != null && i < known.size(); i += 2) {
            String name = known.get(i);
            if (except == null || !except.has(name)) {
                HttpFields.putChecked(out, name, known.get(i + 1));
            }
        }
    }

    /**
     * The bytes of the head of an answer whose body has so many bytes, or {@link ResponseWriter#UNKNOWN}. With no other
     * way to end a body, the connection will.
     */
    Bytes render(long length, boolean inLoop) {
        Bytes out = scratch(inLoop).put(Statuses.lineOf(status));
        putFields(out, null);
        if (Statuses.hasBody(status)) {
            if (length != ResponseWriter.UNKNOWN) {
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

    /** The bytes of the head of an answer that is encoded already: its fields, and those that it does not have. */
    Bytes render(PreparedResponse prepared, boolean inLoop) {
        Bytes out = scratch(inLoop).put(prepared.head);
        putFields(out, prepared);
        return common(out, inLoop);
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
