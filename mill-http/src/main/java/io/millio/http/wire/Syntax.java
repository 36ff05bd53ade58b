package io.millio.http.wire;

import java.nio.ByteBuffer;

/** The kinds of bytes of RFC 9110 and 9112, by table, and comparisons of ASCII text in buffers. */
public final class Syntax {
    public static final byte CR = '\r';
    public static final byte LF = '\n';

    /** May stand in a token: a method, a name of a field (RFC 9110, 5.6.2). */
    public static final int TOKEN = 1;

    /** May stand in a request target by itself: visible ASCII but for the signs of fragments and escapes. */
    public static final int TARGET = 2;

    /** May stand in the value of a field: visible, a blank, or above ASCII (RFC 9110, 5.5). */
    public static final int VALUE = 4;

    /** May stand in a host with its port (RFC 3986, 3.2.2). */
    public static final int HOST = 8;

    public static final int DIGIT = 16;

    private static final byte[] KINDS = new byte[256];

    static {
        mark("!#$%&'*+-.^_`|~", TOKEN);
        mark("-._~%!$&'()*+,;=[]:", HOST);
        for (int b = 0; b < KINDS.length; b++) {
            boolean digit = b >= '0' && b <= '9';
            boolean letter = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z';
            KINDS[b] |= (byte) (digit || letter ? TOKEN | HOST : 0);
            KINDS[b] |= (byte) (digit ? DIGIT : 0);
            KINDS[b] |= (byte) (b > ' ' && b < 0x7f && b != '#' && b != '%' ? TARGET : 0);
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

    /** Returns where what is between two positions ends, without blanks at its end. */
    public static int trimEnd(ByteBuffer in, int from, int end) {
        int at = end;
        while (at > from && isBlank(in.get(at - 1))) {
            at--;
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

    /** Returns where the request target ends, or has a percent sign that begins no complete escape. */
    public static int skipTarget(ByteBuffer in, int from, int end) {
        int at = from;
        while (at < end) {
            byte b = in.get(at);
            if (is(TARGET, b)) {
                at++;
            } else if (b == '%' && end - at >= 3 && hex(in.get(at + 1)) >= 0 && hex(in.get(at + 2)) >= 0) {
                at += 3;
            } else {
                return at;
            }
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

    /** Whether the bytes are this text, which is in lower case, whatever the case of their letters. */
    public static boolean equalsIgnoreCase(ByteBuffer in, int at, int length, String lowerCase) {
        if (length != lowerCase.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            int b = in.get(at + i);
            if (b >= 'A' && b <= 'Z') {
                b |= 0x20;
            }
            if (b != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the bytes at a place are this ASCII text, whatever the case of the letters of either. */
    public static boolean equalsIgnoringCase(ByteBuffer in, int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            int b = in.get(at + i);
            int c = text.charAt(i);
            if (b != c && lower(b) != lower(c)) {
                return false;
            }
        }
        return true;
    }

    private static int lower(int c) {
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    }

    /** Whether the bytes are exactly this ASCII text. */
    public static boolean equals(ByteBuffer in, int at, int length, String text) {
        if (length != text.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (in.get(at + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The text of the bytes, each a character of ISO-8859-1. */
    @SuppressWarnings("deprecation") // the only constructor that takes bytes for characters without a decoder
    public static String text(ByteBuffer in, int at, int length) {
        byte[] bytes = new byte[length];
        in.get(at, bytes);
        return new String(bytes, 0);
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
