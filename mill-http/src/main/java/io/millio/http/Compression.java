package io.millio.http;

import io.millio.http.wire.AcceptEncoding;
import io.millio.http.wire.FieldLists;
import io.millio.http.wire.Statuses;
import io.millio.internal.Arguments;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Which answers a server compresses, by gzip: set by {@link HttpOptions#withCompression}. Immutable; each {@code with}
 * method returns a changed copy.
 *
 * <p>An answer is compressed if the client accepts it (RFC 9110, 12.5.3), its type compresses, and it has a body of the
 * minimum size or of unknown length; not if it has a Content-Encoding already, the status 206, or {@code Cache-Control:
 * no-transform}, nor if it is a file or a {@link PreparedResponse}. It gets {@code Content-Encoding: gzip}, and an ETag
 * that is weak; each answer that would be compressed for another client gets {@code Vary: Accept-Encoding}. The thread
 * that sends an answer compresses it, which may be the loop's. Parts of an answer are flushed when they are written, so
 * that large parts compress better.
 */
public final class Compression {
    /** From 1,024 bytes on, level 6, text and the types that are text in fact, but no streams of events. */
    public static final Compression DEFAULT = new Compression(1024, 6, Compression::isText);

    private static final List<String> GZIP = List.of("gzip");

    private final int minBytes;
    final int level;
    private final Predicate<String> types;

    private Compression(int minBytes, int level, Predicate<String> types) {
        this.minBytes = minBytes;
        this.level = level;
        this.types = types;
    }

    /** How many bytes a whole body, or one of announced length, has at least, at least 0. */
    public Compression withMinBytes(int bytes) {
        return new Compression(Arguments.atLeast(0, bytes, "minBytes"), level, types);
    }

    /** How much work is done, from 1, the fastest, to 9. */
    public Compression withLevel(int level) {
        return new Compression(minBytes, Arguments.between(1, level, 9, "level"), types);
    }

    /**
     * Which types are compressed.
     *
     * @param types called with the Content-Type in lower case, without parameters; must not block
     */
    public Compression withTypes(Predicate<String> types) {
        return new Compression(minBytes, level, Objects.requireNonNull(types, "types"));
    }

    private static boolean isText(String type) {
        return type.startsWith("text/") && !type.equals("text/event-stream")
                || type.endsWith("+json")
                || type.endsWith("+xml")
                || switch (type) {
                    case "application/json", "application/xml", "application/javascript", "application/wasm" -> true;
                    default -> false;
                };
    }

    /**
     * Sets the fields that go with the compression; returns whether the body is to be compressed.
     *
     * @param length of the body; {@link ResponseWriter#UNKNOWN} if it is not known
     */
    boolean apply(HttpRequest request, ResponseHead head, long length) {
        if (!isCandidate(head, length)) {
            return false;
        }
        List<String> vary = head.values("Vary");
        if (!FieldLists.contain(vary, "Accept-Encoding") && !FieldLists.contain(vary, "*")) {
            head.add("Vary", "Accept-Encoding");
        }
        if (AcceptEncoding.preferred(request.headers("Accept-Encoding"), GZIP).isEmpty()) {
            return false;
        }
        head.add("Content-Encoding", "gzip");
        String etag = head.value("ETag");
        if (etag != null && !etag.startsWith("W/")) {
            head.set("ETag", "W/" + etag);
        }
        return true;
    }

    private boolean isCandidate(ResponseHead head, long length) {
        String type = head.value("Content-Type");
        return type != null
                && (length == ResponseWriter.UNKNOWN || length >= minBytes)
                && Statuses.hasBody(head.status)
                && head.status != 206
                && head.value("Content-Encoding") == null
                && !FieldLists.contain(head.values("Cache-Control"), "no-transform")
                && types.test(type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT));
    }
}
