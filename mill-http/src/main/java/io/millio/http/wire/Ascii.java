package io.millio.http.wire;

import java.nio.charset.StandardCharsets;

/** ASCII text in arrays of bytes. Each method is O(bytes). */
public final class Ascii {
    private Ascii() {}

    /** Returns where the blanks from a position on end. */
    static int skipBlanks(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && Syntax.isBlank(bytes[at])) {
            at++;
        }
        return at;
    }

    /** Returns where what is between two positions ends, without blanks at its end. */
    static int trimEnd(byte[] bytes, int from, int end) {
        int at = end;
        while (at > from && Syntax.isBlank(bytes[at - 1])) {
            at--;
        }
        return at;
    }

    /** Returns whether the bytes are exactly this text. */
    public static boolean equals(byte[] bytes, int at, int length, String text) {
        if (length != text.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether the bytes are this text, whatever the case of the letters of either. */
    public static boolean equalsIgnoreCase(byte[] bytes, int at, int length, String text) {
        if (length != text.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            int b = bytes[at + i];
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

    /** Returns the text of the bytes, each a character of ISO-8859-1. */
    public static String text(byte[] bytes, int at, int length) {
        return new String(bytes, at, length, StandardCharsets.ISO_8859_1);
    }
}
