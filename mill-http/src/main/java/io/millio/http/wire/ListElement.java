package io.millio.http.wire;

/**
 * An element of a field whose value is a list (RFC 9110, 5.6.1): what is between two commas, without blanks around it.
 * Elements may be empty, which means nothing. One thread at a time.
 */
final class ListElement {
    private int start;
    private int length;

    /** Where the comma behind the element is, or the value ends. */
    int end;

    /** Finds the element from a position on; returns false if it is empty. */
    boolean find(byte[] in, int from, int valueEnd) {
        end = from;
        while (end < valueEnd && in[end] != ',') {
            end++;
        }
        start = Ascii.skipBlanks(in, from, end);
        length = Ascii.trimEnd(in, start, end) - start;
        return length > 0;
    }

    boolean isEmpty() {
        return length == 0;
    }

    boolean is(byte[] in, String lowerCase) {
        return Ascii.equalsIgnoreCase(in, start, length, lowerCase);
    }
}
