package io.millio.bench.http.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** The body of a POST as it arrives: kept if it is to be echoed, else only counted. One thread at a time. */
final class Upload {
    private final boolean echoed;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream(0);
    private long length;

    Upload(String target) {
        echoed = Routes.path(target).equals(Routes.ECHO);
    }

    /** Reads a body to its end and returns the answer. */
    static Answer read(String target, InputStream body) throws IOException {
        Upload upload = new Upload(target);
        byte[] bytes = new byte[8192];
        for (int got; (got = body.read(bytes)) > 0; ) {
            upload.add(bytes, got);
        }
        return upload.answer();
    }

    void add(byte[] bytes, int count) {
        length += count;
        if (echoed) {
            kept.write(bytes, 0, count);
        }
    }

    /** Adds what remains of a buffer, whose position may stay. */
    void add(ByteBuffer bytes) {
        length += bytes.remaining();
        if (echoed) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(bytes.position(), copy);
            kept.writeBytes(copy);
        }
    }

    Answer answer() {
        return echoed
                ? new Answer(200, "application/octet-stream", kept.toByteArray())
                : Routes.text(200, Long.toString(length));
    }
}
