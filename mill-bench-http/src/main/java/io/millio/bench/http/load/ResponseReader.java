package io.millio.bench.http.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Finds the ends of answers in what a connection receives: they must have the status 200 and a Content-Length. */
final class ResponseReader {
    private static final byte[] STATUS = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LENGTH = "\ncontent-length:".getBytes(StandardCharsets.US_ASCII);

    private final byte[] head = new byte[4096];
    private int headLength;
    private long bodyLeft;

    /**
     * Reads some bytes.
     *
     * @return how many answers end in them
     */
    int read(byte[] bytes, int count) throws IOException {
        int ended = 0;
        int at = 0;
        while (at < count) {
            if (bodyLeft > 0) {
                int skipped = (int) Math.min(bodyLeft, count - at);
                at += skipped;
                bodyLeft -= skipped;
            } else if (!readHead(bytes[at++])) {
                continue;
            }
            if (bodyLeft == 0) {
                ended++;
            }
        }
        return ended;
    }

    /** Returns whether the head ends with this byte. */
    private boolean readHead(byte next) throws IOException {
        if (headLength == head.length) {
            throw new IOException("a head of more than " + head.length + " bytes");
        }
        head[headLength++] = next;
        if (next != '\n' || headLength < 4 || head[headLength - 2] != '\r' || head[headLength - 3] != '\n') {
            return false;
        }
        if (!Arrays.equals(head, 0, STATUS.length, STATUS, 0, STATUS.length)) {
            throw new IOException("answered " + new String(head, 0, headLength, StandardCharsets.ISO_8859_1).strip());
        }
        bodyLeft = contentLength();
        headLength = 0;
        return true;
    }

    private long contentLength() throws IOException {
        for (int i = STATUS.length; i < headLength - LENGTH.length; i++) {
            if (head[i] == '\n' && isLengthAt(i)) {
                int at = i + LENGTH.length;
                while (head[at] == ' ') {
                    at++;
                }
                long length = 0;
                for (; head[at] >= '0' && head[at] <= '9'; at++) {
                    length = 10 * length + head[at] - '0';
                }
                return length;
            }
        }
        throw new IOException("an answer without Content-Length");
    }

    private boolean isLengthAt(int start) {
        for (int i = 1; i < LENGTH.length; i++) {
            if ((head[start + i] | 0x20) != (LENGTH[i] | 0x20)) {
                return false;
            }
        }
        return true;
    }
}
