package io.millio.http.wire;

/**
 * What a request target consists of (RFC 9112, 3.2): a path with a query; an absolute one, with scheme and authority
 * before that; or an asterisk. Positions are relative to the head's first byte. One thread at a time.
 */
public final class RequestTarget {
    public int pathStart;
    public int pathLength;

    /** Where the query begins; 0 if there is none. */
    public int queryStart;

    /** Where the authority of an absolute one begins. */
    public int authorityStart;

    /** How long that is; 0 if the target is not absolute. */
    public int authorityLength;

    void clear() {
        pathStart = 0;
        pathLength = 0;
        queryStart = 0;
        authorityLength = 0;
    }

    /**
     * Takes one apart. If it is malformed, all in front of the query is the path.
     *
     * @param end behind the start
     * @param question where the first question mark is; the end if there is none
     * @param asteriskAllowed whether the method is one that may be about the whole server
     * @return whether it is well-formed
     */
    boolean read(byte[] head, int start, int question, int end, boolean asteriskAllowed) {
        pathStart = start;
        pathLength = question - start;
        queryStart = question < end ? question + 1 : 0;
        authorityLength = 0;
        return switch (head[start]) {
            case '/' -> true;
            case '*' -> end - start == 1 && asteriskAllowed;
            default -> readAbsolute(head, start, question);
        };
    }

    private boolean readAbsolute(byte[] head, int start, int end) {
        int at = start;
        while (at < end && head[at] != ':') {
            at++;
        }
        boolean known = Ascii.equalsIgnoreCase(head, start, at - start, "http")
                || Ascii.equalsIgnoreCase(head, start, at - start, "https");
        if (!known || end - at < 3 || !Ascii.equals(head, at, 3, "://")) {
            return false;
        }
        int authority = at + 3;
        at = authority;
        while (at < end && head[at] != '/') {
            at++;
        }
        if (!Hosts.isValid(head, authority, at - authority)) {
            return false;
        }
        authorityStart = authority;
        authorityLength = at - authority;
        // "http://host" has the path "/", and there is a slash in it to stand for that (RFC 9110, 4.2.3)
        pathStart = at < end ? at : authority - 1;
        pathLength = at < end ? end - at : 1;
        return true;
    }
}
