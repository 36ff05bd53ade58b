package io.millio.bench.http.load;

import io.millio.bench.http.server.Routes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What the load sends. */
public enum Profile {
    PLAIN("a short text, 64 connections", 64, 1, Routes.PLAIN),
    PIPELINED("the same, 16 requests at once", 64, 16, Routes.PLAIN),
    JSON("a small object, 64 connections", 64, 1, Routes.JSON),
    SHORT("connect, one request, close; 32 at a time", 32, 1, Routes.PLAIN),
    DOWNLOAD("an answer of 1 MiB, 16 connections", 16, 1, Routes.LARGE),
    UPLOAD("a request of 1 MiB, 16 connections", 16, 1, Routes.UPLOAD),
    THOUSAND("a short text, 1,000 connections", 1_000, 1, Routes.PLAIN);

    public final String description;
    public final int connections;

    /** How many requests are sent together, and answered before the next ones are sent. */
    public final int pipelined;

    private final String path;

    Profile(String description, int connections, int pipelined, String path) {
        this.description = description;
        this.connections = connections;
        this.pipelined = pipelined;
        this.path = path;
    }

    /** Returns its name in tables and on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether each request has a connection of its own. */
    boolean isShort() {
        return this == SHORT;
    }

    /** Returns what is sent at once, in a direct buffer. */
    ByteBuffer request() {
        boolean upload = this == UPLOAD;
        String head = (upload ? "POST " : "GET ") + path + " HTTP/1.1\r\nHost: localhost\r\n"
                + (isShort() ? "Connection: close\r\n" : "")
                + (upload ? "Content-Length: " + Routes.LARGE_BYTES + "\r\n" : "") + "\r\n";
        byte[] bytes = head.repeat(pipelined).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer request = ByteBuffer.allocateDirect(bytes.length + (upload ? Routes.LARGE_BYTES : 0));
        return request.put(bytes).clear();
    }
}
