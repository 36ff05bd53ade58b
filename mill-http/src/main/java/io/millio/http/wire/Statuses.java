package io.millio.http.wire;

import java.nio.charset.StandardCharsets;

/** The status lines, ready to be written. */
public final class Statuses {
    private static final byte[][] LINES = new byte[1000][];

    static {
        for (String each : ("101 Switching Protocols,103 Early Hints,"
                        + "200 OK,201 Created,202 Accepted,204 No Content,205 Reset Content,206 Partial Content,"
                        + "300 Multiple Choices,301 Moved Permanently,302 Found,303 See Other,304 Not Modified,"
                        + "307 Temporary Redirect,308 Permanent Redirect,400 Bad Request,401 Unauthorized,"
                        + "403 Forbidden,404 Not Found,405 Method Not Allowed,406 Not Acceptable,408 Request Timeout,"
                        + "409 Conflict,410 Gone,411 Length Required,412 Precondition Failed,413 Content Too Large,"
                        + "414 URI Too Long,415 Unsupported Media Type,416 Range Not Satisfiable,"
                        + "417 Expectation Failed,421 Misdirected Request,422 Unprocessable Content,"
                        + "426 Upgrade Required,428 Precondition Required,429 Too Many Requests,"
                        + "431 Request Header Fields Too Large,500 Internal Server Error,501 Not Implemented,"
                        + "502 Bad Gateway,503 Service Unavailable,504 Gateway Timeout,505 HTTP Version Not Supported")
                .split(",", -1)) {
            LINES[Integer.parseInt(each.substring(0, 3))] = line(each);
        }
    }

    private Statuses() {}

    private static byte[] line(String text) {
        return ("HTTP/1.1 " + text + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    public static byte[] lineOf(int status) {
        byte[] known = LINES[status];
        return known == null ? line(status + " ") : known;
    }

    /** The phrase that goes with a status; empty if it is not a known one. */
    public static String phrase(int status) {
        byte[] known = LINES[status];
        return known == null ? "" : new String(known, 13, known.length - 15, StandardCharsets.US_ASCII);
    }

    /** Refuses a status that no final answer may have. */
    public static void check(int status) {
        if (status < 200 || status > 999) {
            throw new IllegalArgumentException("status: " + status + ", must be from 200 to 999");
        }
    }

    /** Returns whether an answer with this status may have a body. */
    public static boolean hasBody(int status) {
        return hasLength(status) && status != 205;
    }

    /** Returns whether the length of the body is sent, which is 0 for 205 (RFC 9110, 8.6 and 15.3.6). */
    public static boolean hasLength(int status) {
        return status != 204 && status != 304;
    }
}
