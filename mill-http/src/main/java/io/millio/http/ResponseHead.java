package io.millio.http;

import io.millio.http.wire.Bytes;
import io.millio.http.wire.Statuses;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The status and fields of an answer. Belongs to the thread that writes the answer, to the loop after its end. */
abstract sealed class ResponseHead permits ResponseWriter {
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "Connection: keep-alive\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UPGRADE = "Connection: Upgrade\r\nUpgrade: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LENGTH = "Content-Length: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END_OF_LINE = {'\r', '\n'};

    /** A field takes its name, its value and so many bytes more. */
    private static final int FIELD_BYTES = ": \r\n".length();

    final HttpRequest request;

    // Names and values in turn, checked by the response; a list of its own once there is one.
    private List<String> fields = List.of();
    int status = 200;

    /** Whether the connection ends with this answer. */
    boolean closes;

    ResponseHead(HttpRequest request) {
        this.request = request;
    }

    void add(String name, String value) {
        if (fields.isEmpty()) {
            fields = new ArrayList<>(4);
        }
        fields.add(name);
        fields.add(value);
    }

    /** Adds a field in place of all those of its name. */
    void set(String name, String value) {
        remove(name);
        add(name, value);
    }

    void remove(String name) {
        for (int i = fields.size() - 2; i >= 0; i -= 2) {
            if (fields.get(i).equalsIgnoreCase(name)) {
                removeAt(i);
            }
        }
    }

    private void removeAt(int place) {
        fields.remove(place + 1);
        fields.remove(place);
    }

    /** Returns the value of the first field of a name; null if there is none. */
    @Nullable
    String value(String name) {
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equalsIgnoreCase(name)) {
                return fields.get(i + 1);
            }
        }
        return null;
    }

    /** Returns the values of all fields of a name, in order. */
    List<String> values(String name) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equalsIgnoreCase(name)) {
                values.add(fields.get(i + 1));
            }
        }
        return values;
    }

    List<HttpField> all() {
        List<HttpField> all = new ArrayList<>();
        for (int i = 0; i < fields.size(); i += 2) {
            all.add(new HttpField(fields.get(i), fields.get(i + 1)));
        }
        return all;
    }

    /** Removes the fields that describe a body, or how long an answer may be kept, as another one is sent. */
    void removeRepresentation() {
        for (int i = fields.size() - 2; i >= 0; i -= 2) {
            if (represents(fields.get(i).toLowerCase(Locale.ROOT))) {
                removeAt(i);
            }
        }
    }

    private static boolean represents(String lowerCaseName) {
        return switch (lowerCaseName) {
            case "etag", "last-modified", "cache-control", "expires", "accept-ranges" -> true;
            case "content-security-policy", "content-security-policy-report-only" -> false;
            default -> lowerCaseName.startsWith("content-");
        };
    }

    /** Whether a body is sent, with this status and to this request. */
    boolean hasBody() {
        return !request.isHead() && Statuses.hasBody(status);
    }

    private int fieldBytes() {
        int sum = 0;
        for (String each : fields) {
            sum += each.length() + FIELD_BYTES;
        }
        return sum;
    }

    /** Room for a head and a little body. */
    Bytes scratch(boolean inLoop) {
        return inLoop ? request.owner().http().scratch.clear() : new Bytes(512 + fieldBytes());
    }

    private void putFields(Bytes out, @Nullable PreparedResponse except) {
        for (int i = 0; i < fields.size(); i += 2) {
            String name = fields.get(i);
            if (except == null || !except.has(name)) {
                HttpFields.putChecked(out, name, fields.get(i + 1));
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

    /** The bytes of a head that switches to another protocol (RFC 9110, 7.8). */
    Bytes renderSwitch(String protocol, boolean inLoop) {
        Bytes out = scratch(inLoop).put(Statuses.lineOf(101));
        putFields(out, null);
        return out.put(UPGRADE).put(protocol).put(END_OF_LINE).put(END_OF_LINE);
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
