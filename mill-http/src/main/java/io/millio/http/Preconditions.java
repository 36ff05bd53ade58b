package io.millio.http;

import io.millio.http.wire.HttpDates;
import org.jspecify.annotations.Nullable;

/** What a client says that must hold of a file, before it is sent (RFC 9110, 13). */
final class Preconditions {
    /** The status when all hold. */
    static final int HOLD = 200;

    private Preconditions() {}

    /** In the order of RFC 9110, 13.2.2: 412, 304, or {@link #HOLD}. */
    static int check(HttpRequest request, FileState file) {
        String ifMatch = list(request, "If-Match");
        if (ifMatch != null) {
            if (!names(ifMatch, file.etag(), false)) {
                return 412;
            }
        } else if (isLater(file, request.header("If-Unmodified-Since"), false)) {
            return 412;
        }
        String ifNoneMatch = list(request, "If-None-Match");
        if (ifNoneMatch != null) {
            return names(ifNoneMatch, file.etag(), true) ? 304 : HOLD;
        }
        return isLater(file, request.header("If-Modified-Since"), true) ? HOLD : 304;
    }

    /** Whether a range may be sent: there is no If-Range, or it names this very file. */
    static boolean allowsRange(HttpRequest request, FileState file) {
        String condition = request.header("If-Range");
        if (condition == null || condition.equals(file.etag())) {
            return true;
        }
        Long date = HttpDates.parse(condition);
        return date != null && date == file.modifiedSecond();
    }

    private static @Nullable String list(HttpRequest request, String name) {
        String first = request.header(name);
        return first == null ? null : String.join(",", request.headers(name));
    }

    /** Whether the file was changed after a date; what is no date says {@code otherwise}. */
    private static boolean isLater(FileState file, @Nullable String date, boolean otherwise) {
        Long parsed = date == null ? null : HttpDates.parse(date);
        return parsed == null ? otherwise : file.modifiedSecond() > parsed;
    }

    /** Tags may have commas in them: the list is read tag by tag. */
    private static boolean names(String list, String etag, boolean weakly) {
        int at = 0;
        while (at < list.length()) {
            char c = list.charAt(at);
            if (c == ' ' || c == '\t' || c == ',') {
                at++;
                continue;
            }
            if (c == '*') {
                return true;
            }
            boolean weak = list.startsWith("W/", at);
            int quote = weak ? at + 2 : at;
            int end = quote < list.length() && list.charAt(quote) == '"' ? list.indexOf('"', quote + 1) : -1;
            if (end < 0) {
                return false;
            }
            if ((weakly || !weak) && list.substring(quote, end + 1).equals(etag)) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }
}
