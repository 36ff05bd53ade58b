package io.millio.http.wire;

/**
 * The fields of a head that decide how the message is framed and what becomes of the connection (RFC 9112, 6 and 9.3;
 * RFC 9110, 7.2 and 10.1.1). One thread at a time.
 */
public final class ControlFields {
    private static final int LONGEST_LENGTH = 18; // digits that always fit a long

    private static final long CONNECTI = Words.of("connecti");
    private static final long KEEP_ALI = Words.of("keep-ali");
    private static final long CONTENT_ = Words.of("content-");
    private static final long T_LENGTH = Words.of("t-length");
    private static final long TRANSFER = Words.of("transfer");
    private static final long ENCODIN = Words.of("-encodin");
    private static final int HOST = Words.ofInt("host");
    private static final int EXPE = Words.ofInt("expe");
    private static final int PECT = Words.ofInt("pect");
    private static final int LIVE = Words.ofInt("live");
    private static final int TION = Words.ofInt("tion");

    private final ListElement element = new ListElement();
    private boolean lengthGiven;
    private boolean codingGiven;

    /** The number of the Host field; -1 if there is none. */
    int hostField = -1;

    public Framing framing = Framing.NONE;
    public long contentLength;
    public boolean expectsContinue;
    public boolean close;
    public boolean keepAlive;

    // Of a refusal.
    int status;
    String reason = "";

    void clear() {
        hostField = -1;
        lengthGiven = false;
        codingGiven = false;
        framing = Framing.NONE;
        contentLength = 0;
        expectsContinue = false;
        close = false;
        keepAlive = false;
    }

    /**
     * Reads a field, if it is one of these. A name has no control characters, so that words in lower case are exact.
     *
     * @param field its number
     * @return whether it is well-formed; else there is a status and a reason
     */
    boolean take(byte[] in, int name, int nameLength, int value, int valueLength, int field, int minorVersion) {
        return switch (nameLength) {
            case 4 -> Words.lowerInt(in, name) != HOST || noteHost(in, value, valueLength, field);
            case 6 ->
                Words.lowerInt(in, name) != EXPE
                        || Words.lowerInt(in, name + 2) != PECT
                        || noteExpect(in, value, valueLength, minorVersion);
            case 10 ->
                Words.lower(in, name) != CONNECTI
                        || Words.lowerInt(in, name + 6) != TION
                        || noteConnection(in, value, valueLength);
            case 14 ->
                Words.lower(in, name) != CONTENT_
                        || Words.lower(in, name + 6) != T_LENGTH
                        || noteLength(in, value, valueLength);
            case 17 ->
                Words.lower(in, name) != TRANSFER
                        || Words.lower(in, name + 8) != ENCODIN
                        || (in[name + 16] | 0x20) != 'g'
                        || noteCoding(in, value, valueLength);
            default -> true;
        };
    }

    private boolean refused(int withStatus, String because) {
        status = withStatus;
        reason = because;
        return false;
    }

    private boolean noteHost(byte[] in, int value, int length, int field) {
        if (hostField >= 0) {
            return refused(400, "there are several Host fields");
        }
        hostField = field;
        return Hosts.isValid(in, value, length) || refused(400, "the Host field is malformed");
    }

    private boolean noteExpect(byte[] in, int value, int length, int minorVersion) {
        if (minorVersion == 0) {
            return true; // RFC 9110, 10.1.1
        }
        int end = value + length;
        for (int at = value; at < end; at = element.end + 1) {
            if (element.find(in, at, end) && !element.is(in, "100-continue")) {
                return refused(417, "an expectation is unknown");
            }
            expectsContinue |= !element.isEmpty();
        }
        return true;
    }

    private boolean noteConnection(byte[] in, int value, int length) {
        if (length == 10 && Words.lower(in, value) == KEEP_ALI && Words.lowerInt(in, value + 6) == LIVE) {
            keepAlive = true; // the usual value; it has no control characters either
            return true;
        }
        int end = value + length;
        for (int at = value; at < end; at = element.end + 1) {
            if (element.find(in, at, end)) {
                close |= element.is(in, "close");
                keepAlive |= element.is(in, "keep-alive");
            }
        }
        return true;
    }

    private boolean noteLength(byte[] in, int value, int length) {
        if (lengthGiven) {
            return refused(400, "there are several Content-Length fields");
        }
        if (length == 0 || length > LONGEST_LENGTH) {
            return refused(400, "the Content-Length is malformed");
        }
        long parsed = 0;
        for (int i = 0; i < length; i++) {
            byte b = in[value + i];
            if (!Syntax.is(Syntax.DIGIT, b)) {
                return refused(400, "the Content-Length is malformed");
            }
            parsed = parsed * 10 + (b - '0');
        }
        lengthGiven = true;
        contentLength = parsed;
        return true;
    }

    private boolean noteCoding(byte[] in, int value, int length) {
        if (codingGiven) {
            return refused(400, "there are several Transfer-Encoding fields");
        }
        codingGiven = true;
        boolean chunked = false;
        boolean others = false;
        int end = value + length;
        for (int at = value; at < end; at = element.end + 1) {
            if (element.find(in, at, end)) {
                if (chunked) {
                    return refused(400, "a transfer coding after \"chunked\""); // RFC 9112, 6.1 and 6.3
                }
                chunked = element.is(in, "chunked");
                others |= !chunked;
            }
        }
        if (!chunked) {
            return refused(400, "the last transfer coding is not \"chunked\"");
        }
        return !others || refused(501, "a transfer coding is not known");
    }

    /** Checks them together, at the end of the head. */
    boolean check(int minorVersion) {
        if (codingGiven && lengthGiven) {
            return refused(400, "both Transfer-Encoding and Content-Length are given");
        }
        if (codingGiven && minorVersion == 0) {
            return refused(400, "a transfer coding in HTTP/1.0");
        }
        if (hostField < 0 && minorVersion != 0) {
            return refused(400, "the Host field is missing");
        }
        if (codingGiven) {
            framing = Framing.CHUNKED;
        } else if (lengthGiven && contentLength > 0) {
            framing = Framing.LENGTH;
        }
        return true;
    }
}
