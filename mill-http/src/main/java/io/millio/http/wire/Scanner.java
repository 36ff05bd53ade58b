package io.millio.http.wire;

/**
 * Finds where names, values and targets end, eight bytes at a time: what is common is skipped by words, and the byte at
 * which that stops is looked up in the table of {@link Syntax}. Each method is O(bytes skipped).
 *
 * <p>An array must go on for seven bytes behind the end that is given; what they are does not count. Without state. It
 * is an object, and not final, so that a test can count what is scanned.
 */
class Scanner {
    static final Scanner DEFAULT = new Scanner();

    /** How much longer an array must be than what is scanned of it. */
    static final int SLACK = Words.BYTES - 1;

    Scanner() {}

    /** Returns where the token from a position on ends. */
    int tokenEnd(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end) {
            long stops = Words.notInNames(Words.get(bytes, at));
            if (stops == 0) {
                at += Words.BYTES;
                continue;
            }
            at += Words.first(stops);
            if (at >= end) {
                return end;
            }
            if (!Syntax.is(Syntax.TOKEN, bytes[at])) {
                return at;
            }
            at++;
        }
        return end;
    }

    /** Returns where the value of a field ends, which blanks are a part of. */
    int valueEnd(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end) {
            long stops = Words.notPrintable(Words.get(bytes, at));
            if (stops == 0) {
                at += Words.BYTES;
                continue;
            }
            at += Words.first(stops);
            if (at >= end) {
                return end;
            }
            if (!Syntax.is(Syntax.VALUE, bytes[at])) {
                return at;
            }
            at++;
        }
        return end;
    }

    /** Returns where a request target ends, or has a question mark, or a percent sign that begins no whole escape. */
    int targetEnd(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end) {
            long stops = Words.notInPaths(Words.get(bytes, at));
            if (stops == 0) {
                at += Words.BYTES;
                continue;
            }
            at += Words.first(stops);
            if (at >= end) {
                return end;
            }
            if (Syntax.is(Syntax.TARGET, bytes[at])) {
                at++;
            } else if (Syntax.isEscape(bytes, at, end)) {
                at += 3;
            } else {
                return at;
            }
        }
        return end;
    }
}
