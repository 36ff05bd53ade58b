package io.millio.http.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The kinds of bytes of RFC 9110 and 9112, by table, and what is made of them in buffers. */
public final class Syntax {
    public static final byte CR = '\r';
    public static final byte LF = '\n';

    /** May stand in a token: a method, a name of a field (RFC 9110, 5.6.2). */
    public static final int TOKEN = 1;

    /** May stand in a request target by itself: visible ASCII but for the signs of fragments, escapes and queries. */
    public static final int TARGET = 2;

    /** May stand in the value of a field: visible, a blank, or above ASCII (RFC 9110, 5.5). */
    public static final int VALUE = 4;

    /** May stand in the name of a host by itself (RFC 3986, 3.2.2). */
    public static final int HOST = 8;

    public static final int DIGIT = 16;

    private static final byte[] KINDS = new byte[256];

    static {
        mark("!#$%&'*+-.^_`|~", TOKEN);
        mark("-._~!$&'()*+,;=", HOST);
        for (int b = 0; b < KINDS.length; b++) {
            boolean digit = b >= '0' && b <= '9';
            boolean letter = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z';
            KINDS[b] |= (byte) (digit || letter ? TOKEN | HOST : 0);
            KINDS[b] |= (byte) (digit ? DIGIT : 0);
            KINDS[b] |= (byte) (b > ' ' && b < 0x7f && b != '#' && b != '%' && b != '?' ? TARGET : 0);
            KINDS[b] |= (byte) (b >= ' ' && b != 0x7f || b == '\t' ? VALUE : 0);
        }
    }

    private Syntax() {}

    private static void mark(String bytes, int kind) {
        for (int i = 0; i < bytes.length(); i++) {
            KINDS[bytes.charAt(i)] |= (byte) kind;
        }
    }

    public static boolean is(int kind, byte b) {
        return (KINDS[b & 0xff] & kind) != 0;
    }

    public static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /** Returns where the blanks from a position on end. */
    public static int skipBlanks(ByteBuffer in, int from, int end) {
        int at = from;
        while (at < end && isBlank(in.get(at))) {
            at++;
        }
        return at;
    }

    /** Returns where the token from a position on ends. */
    public static int skipToken(ByteBuffer in, int from, int end) {
        int at = from;
        while (at < end && is(TOKEN, in.get(at))) {
            at++;
        }
        return at;
    }

    /** The value of a hexadecimal digit; -1 if it is none. */
    public static int hex(byte b) {
        if (is(DIGIT, b)) {
            return b - '0';
        }
        int lower = b | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    /** Whether a percent sign and two hexadecimal digits are at a place. */
    static boolean isEscape(byte[] in, int at, int end) {
        return in[at] == '%' && end - at >= 3 && hex(in[at + 1]) >= 0 && hex(in[at + 2]) >= 0;
    }

    /** The text of the bytes, each a character of ISO-8859-1. */
    public static String text(ByteBuffer in, int at, int length) {
        byte[] bytes = new byte[length];
        in.get(at, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Moves the position behind up to so many empty lines; returns how many there were. */
    public static int skipEmptyLines(ByteBuffer in, int max) {
        int skipped = 0;
        while (skipped < max && in.remaining() >= 2 && in.get(in.position()) == CR && in.get(in.position() + 1) == LF) {
            in.position(in.position() + 2);
            skipped++;
        }
        return skipped;
    }
}
