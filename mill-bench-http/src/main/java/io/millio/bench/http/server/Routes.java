package io.millio.bench.http.server;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/** The requests that every server answers, and the answers. Any thread. */
public final class Routes {
    /** GET: a constant short text. */
    public static final String PLAIN = "/plain";

    /** GET: a small object, serialized for each request. */
    public static final String JSON = "/json";

    /** GET: {@link #LARGE_BYTES} bytes. */
    public static final String LARGE = "/large";

    /** POST: answers the body. */
    public static final String ECHO = "/echo";

    /** POST: answers the length of the body in decimal digits. */
    public static final String UPLOAD = "/upload";

    /** The length of the large answer, and of the body that is uploaded. */
    public static final int LARGE_BYTES = 1 << 20;

    private static final String TEXT = "text/plain";
    private static final String MESSAGE = "Hello, World!";
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Answer PLAIN_ANSWER = text(200, MESSAGE);
    private static final Answer NOT_FOUND = text(404, "not found");
    private static final Answer LARGE_ANSWER = new Answer(200, "application/octet-stream", largeBody());

    private record Message(String message) {}

    private Routes() {}

    /**
     * Returns the answer of a GET.
     *
     * @param target a path, with or without a query
     */
    public static Answer get(String target) {
        return switch (path(target)) {
            case PLAIN -> PLAIN_ANSWER;
            case JSON -> new Answer(200, "application/json", MAPPER.writeValueAsBytes(new Message(MESSAGE)));
            case LARGE -> LARGE_ANSWER;
            default -> NOT_FOUND;
        };
    }

    static Answer text(int status, String text) {
        return new Answer(status, TEXT, text.getBytes(StandardCharsets.US_ASCII));
    }

    static String path(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private static byte[] largeBody() {
        byte[] body = new byte[LARGE_BYTES];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) ('a' + i % 23);
        }
        return body;
    }
}
