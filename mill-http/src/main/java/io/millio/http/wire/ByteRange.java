package io.millio.http.wire;

import org.jspecify.annotations.Nullable;

/**
 * The part of a file that a client has asked for (RFC 9110, 14).
 *
 * @param first its first byte; {@link #UNSATISFIABLE} has none
 * @param length how many bytes
 */
public record ByteRange(long first, long length) {
    public static final ByteRange UNSATISFIABLE = new ByteRange(-1, 0);

    private static final String UNIT = "bytes=";

    /**
     * The one range of a Range field; null if the whole is to be sent: there is no such field, it is malformed, or it
     * asks for several, which a server need not serve in parts.
     */
    public static @Nullable ByteRange of(@Nullable String field, long size) {
        if (field == null || !field.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
            return null;
        }
        String range = field.substring(UNIT.length()).strip();
        int dash = range.indexOf('-');
        if (dash < 0 || range.indexOf(',') >= 0) {
            return null;
        }
        long first = number(range.substring(0, dash));
        long last = number(range.substring(dash + 1));
        if (dash == 0) {
            if (last < 0) {
                return null;
            }
            long length = Math.min(last, size);
            return length == 0 ? UNSATISFIABLE : new ByteRange(size - length, length);
        }
        if (first < 0 || last < 0 && dash < range.length() - 1 || last >= 0 && last < first) {
            return null;
        }
        if (first >= size) {
            return UNSATISFIABLE;
        }
        return new ByteRange(first, (last < 0 ? size - 1 : Math.min(last, size - 1)) - first + 1);
    }

    /** Returns the number, or the largest there is if it is larger; -1 if it is not one or more digits. */
    private static long number(String digits) {
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }
}
