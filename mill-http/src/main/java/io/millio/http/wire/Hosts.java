package io.millio.http.wire;

import java.nio.ByteBuffer;

/** What may stand in a Host field: a host, in brackets if it is an IPv6 address, and a port (RFC 9110, 7.2). */
public final class Hosts {
    private Hosts() {}

    public static boolean isValid(ByteBuffer in, int at, int length) {
        if (length == 0) {
            return false;
        }
        int end = at + length;
        int hostEnd = in.get(at) == '[' ? afterBracket(in, at, end) : afterName(in, at, end);
        return hostEnd > at && isPort(in, hostEnd, end);
    }

    private static int afterBracket(ByteBuffer in, int at, int end) {
        for (int i = at + 1; i < end; i++) {
            byte b = in.get(i);
            if (b == ']') {
                return i > at + 2 ? i + 1 : -1;
            }
            if (b != ':' && b != '.' && Syntax.hex(b) < 0) {
                return -1;
            }
        }
        return -1;
    }

    private static int afterName(ByteBuffer in, int at, int end) {
        int i = at;
        while (i < end && in.get(i) != ':') {
            byte b = in.get(i);
            if (!Syntax.is(Syntax.HOST, b) || b == '[' || b == ']') {
                return -1;
            }
            i++;
        }
        return i;
    }

    private static boolean isPort(ByteBuffer in, int at, int end) {
        if (at == end) {
            return true;
        }
        if (in.get(at) != ':' || end - at > 6) {
            return false;
        }
        for (int i = at + 1; i < end; i++) {
            if (!Syntax.is(Syntax.DIGIT, in.get(i))) {
                return false;
            }
        }
        return true;
    }
}
