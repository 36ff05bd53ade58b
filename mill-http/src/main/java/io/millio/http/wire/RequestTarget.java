package io.millio.http.wire;

import java.nio.ByteBuffer;

/**
 * What a request target consists of (RFC 9112, 3.2): a path with a query; an absolute one, with scheme and authority
 * before that; or an asterisk. Positions are relative to the head's first byte. One thread at a time.
 */
public final class RequestTarget {
    /** Where path and query begin. */
    public int pathStart;

    /** Where the authority of an absolute one begins. */
    public int authorityStart;

    /** How long that is; 0 if the target is not absolute. */
    public int authorityLength;

    /**
     * Takes one apart.
     *
     * @param length at least 1
     * @param asteriskAllowed whether the method is one that may be about the whole server
     * @return whether it is well-formed
     */
    public boolean read(ByteBuffer in, int base, int start, int length, boolean asteriskAllowed) {
        pathStart = start;
        authorityLength = 0;
        byte first = in.get(base + start);
        if (first == '/') {
            return true;
        }
        if (first == '*') {
            return length == 1 && asteriskAllowed;
        }
        return readAbsolute(in, base, start, start + length);
    }

    private boolean readAbsolute(ByteBuffer in, int base, int start, int end) {
        int at = start;
        while (at < end && in.get(base + at) != ':') {
            at++;
        }
        boolean known = Syntax.equalsIgnoreCase(in, base + start, at - start, "http")
                || Syntax.equalsIgnoreCase(in, base + start, at - start, "https");
        if (!known || end - at < 3 || !Syntax.equals(in, base + at, 3, "://")) {
            return false;
        }
        authorityStart = at + 3;
        at = authorityStart;
        while (at < end && in.get(base + at) != '/' && in.get(base + at) != '?') {
            at++;
        }
        authorityLength = at - authorityStart;
        pathStart = at;
        return Hosts.isValid(in, base + authorityStart, authorityLength);
    }
}
