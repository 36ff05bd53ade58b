package io.millio.http;

import io.millio.http.wire.Bytes;
import io.millio.http.wire.Statuses;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An answer that is encoded once and sent many times. Immutable. */
public final class PreparedResponse {
    final int status;
    private final List<HttpField> fields;
    final byte[] head;
    final byte[] body;

    private PreparedResponse(int status, List<HttpField> fields, byte[] head, byte[] body) {
        this.status = status;
        this.fields = List.copyOf(fields);
        this.head = head;
        this.body = body;
    }

    /**
     * Encodes an answer.
     *
     * @param status 200 to 999
     * @param fields those that the server does not set itself: Content-Type for one
     * @param body copied; must be empty for a status without body
     */
    public static PreparedResponse of(int status, List<HttpField> fields, byte[] body) {
        Statuses.check(status);
        Bytes head = new Bytes(256).put(Statuses.lineOf(status));
        for (HttpField each : fields) {
            HttpFields.put(head, each.name(), each.value());
        }
        if (Statuses.hasLength(status)) {
            head.put("Content-Length: ").put((long) body.length).put("\r\n");
        }
        if (body.length > 0 && !Statuses.hasBody(status)) {
            throw new IllegalArgumentException(
                    "body: " + body.length + " bytes, but an answer with " + status + " has none");
        }
        return new PreparedResponse(status, fields, head.toArray(), body.clone());
    }

    /** Encodes an answer 200 with text in UTF-8. */
    public static PreparedResponse text(String text) {
        return of(
                200,
                List.of(new HttpField("Content-Type", "text/plain; charset=utf-8")),
                text.getBytes(StandardCharsets.UTF_8));
    }

    boolean has(String name) {
        for (HttpField each : fields) {
            if (each.name().equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /** Returns its status. */
    public int status() {
        return status;
    }
}
