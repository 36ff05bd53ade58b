package io.millio.http.wire;

import static io.millio.http.wire.Syntax.CR;
import static io.millio.http.wire.Syntax.LF;

import java.nio.ByteBuffer;

/**
 * Parses the head of a request after RFC 9112, strictly: what two parsers might read in two ways is refused.
 *
 * <p>It works on the bytes where they are and makes no objects. A head may come in any pieces, as long as those before
 * are presented again in front: it goes on where it was. One thread at a time. O(bytes): none of the target, a name or
 * a value is scanned twice.
 */
public final class RequestParser {
    /** What {@link #parse} returns. */
    public enum Result {
        /** The head is incomplete. */
        MORE,
        /** The head is complete: it ends before {@link #length} bytes. */
        DONE,
        /** It is refused, with {@link #status}. */
        REFUSED
    }

    /** How the body of a request is delimited. */
    public enum Framing {
        NONE,
        LENGTH,
        CHUNKED
    }

    // What the parsers of lines return in place of where the next line starts.
    private static final int INCOMPLETE = -1;
    private static final int FAILED = -2;

    private static final int LONGEST_METHOD = 32;
    private static final int VERSION_LENGTH = "HTTP/1.1".length();
    private static final int LONGEST_LENGTH = 18; // digits that always fit a long

    private final HeadLimits limits;
    public final Fields fields = new Fields();
    public final RequestTarget target = new RequestTarget();

    // All positions are relative to the first byte of the buffer that was presented first.
    private int lineStart;

    // Of the line that was incomplete: up to where it was scanned, and where its target or name ends, once that is
    // known.
    private int scanned;
    private int partEnd;
    private boolean inFields;
    private int fieldsStart;
    private int hosts;
    private boolean lengthGiven;
    private boolean codingGiven;
    private boolean headEnded;
    private int hostField;
    private final ListElement element = new ListElement();

    public int methodStart;
    public int methodLength;
    public int targetStart;
    public int targetLength;
    public int minorVersion = 1;
    public Framing framing = Framing.NONE;
    public long contentLength;
    public boolean expectsContinue;
    public boolean close;
    public boolean keepAlive;

    /** Of a refusal. */
    public int status;

    /** Of a refusal: what is wrong, for the log. */
    public String reason = "";

    public RequestParser(HeadLimits limits) {
        this.limits = limits;
    }

    /** Gets ready for the next request. */
    public void reset() {
        fields.clear();
        lineStart = 0;
        scanned = 0;
        partEnd = 0;
        inFields = false;
        methodLength = 0;
        targetLength = 0;
        minorVersion = 1;
        fieldsStart = 0;
        hosts = 0;
        lengthGiven = false;
        codingGiven = false;
        framing = Framing.NONE;
        contentLength = 0;
        expectsContinue = false;
        close = false;
        keepAlive = false;
    }

    /** After DONE: how long the head is, its last empty line included. */
    public int length() {
        return lineStart;
    }

    /** After DONE: whether the client ends the connection after the answer. */
    public boolean asksToClose() {
        return close || minorVersion == 0 && !keepAlive;
    }

    /**
     * Goes on with what there is, from the buffer's position, which stays where it is.
     *
     * @param in the head from its first byte on; what was presented before must be in front again
     */
    public Result parse(ByteBuffer in) {
        int base = in.position();
        int end = in.limit();
        while (true) {
            int next = inFields ? parseField(in, base, end) : parseRequestLine(in, base, end);
            if (next == INCOMPLETE) {
                return incomplete(end - base);
            }
            if (next == FAILED) {
                return Result.REFUSED;
            }
            lineStart = next - base;
            scanned = 0;
            partEnd = 0;
            if (headEnded) {
                headEnded = false;
                return checkHead() ? Result.DONE : Result.REFUSED;
            }
        }
    }

    private boolean isTooLong(int length) {
        return inFields ? length - fieldsStart > limits.fieldBytes() : length - lineStart > limits.requestLine();
    }

    private Result incomplete(int length) {
        if (!isTooLong(length)) {
            return Result.MORE;
        }
        if (inFields) {
            refuseFields();
        } else {
            refuseLine();
        }
        return Result.REFUSED;
    }

    private int refuseLine() {
        return refuse(414, "the request line is too long");
    }

    private int refuseFields() {
        return refuse(431, "the fields are too large");
    }

    private int refuse(int withStatus, String because) {
        status = withStatus;
        reason = because;
        return FAILED;
    }

    // ---- the request line

    private int parseRequestLine(ByteBuffer in, int base, int end) {
        int result = partEnd == 0 ? parseTarget(in, base, end) : 0;
        return result < 0 ? result : parseVersion(in, base + partEnd + 1, base, end);
    }

    private int parseTarget(ByteBuffer in, int base, int end) {
        int at = base + lineStart;
        if (at == end) {
            return INCOMPLETE;
        }
        if (in.get(at) == CR) {
            return refuse(400, "the request line is missing");
        }
        int lineBegin = at;
        at = Syntax.skipToken(in, at, end);
        if (at - lineBegin > LONGEST_METHOD) {
            return refuse(501, "the method is too long");
        }
        if (at == end) {
            return INCOMPLETE;
        }
        if (at == lineBegin || in.get(at) != ' ') {
            return refuse(400, "the method is malformed");
        }
        methodStart = lineBegin - base;
        methodLength = at - lineBegin;
        if (isMethod(in, lineBegin, "CONNECT")) {
            return refuse(501, "there is no way through to elsewhere");
        }
        int targetBegin = ++at;
        at = Syntax.skipTarget(in, Math.max(at, base + scanned), end);
        scanned = at - base;
        if (at - lineBegin > limits.requestLine()) {
            return refuseLine();
        }
        if (at == end || in.get(at) == '%' && end - at < 3) {
            return INCOMPLETE;
        }
        targetStart = targetBegin - base;
        targetLength = at - targetBegin;
        if (targetLength == 0
                || in.get(at) != ' '
                || !target.read(in, base, targetStart, targetLength, isMethod(in, lineBegin, "OPTIONS"))) {
            return refuse(400, "the request target is malformed");
        }
        if (at + 1 + VERSION_LENGTH + 2 - lineBegin > limits.requestLine()) {
            return refuseLine();
        }
        partEnd = at - base;
        return partEnd;
    }

    private int parseVersion(ByteBuffer in, int at, int base, int end) {
        int known = Math.min(end - at, VERSION_LENGTH);
        for (int i = 0; i < known; i++) {
            byte b = in.get(at + i);
            boolean digit = i == 5 || i == 7;
            if (digit ? !Syntax.is(Syntax.DIGIT, b) : b != "HTTP/1.1".charAt(i)) {
                return refuse(400, "the version is malformed");
            }
        }
        int lineEnd = at + VERSION_LENGTH;
        if (end - lineEnd > 0 && in.get(lineEnd) != CR || end - lineEnd > 1 && in.get(lineEnd + 1) != LF) {
            return refuse(400, "the request line is malformed");
        }
        if (end - lineEnd < 2) {
            return INCOMPLETE;
        }
        if (in.get(at + 5) != '1') {
            return refuse(505, "the version is not HTTP/1");
        }
        minorVersion = in.get(at + 7) == '0' ? 0 : 1; // a later one is answered as 1.1 (RFC 9110, 2.5)
        inFields = true;
        fieldsStart = lineEnd + 2 - base;
        return lineEnd + 2;
    }

    private boolean isMethod(ByteBuffer in, int at, String method) {
        return Syntax.equals(in, at, methodLength, method);
    }

    // ---- fields

    private int parseField(ByteBuffer in, int base, int end) {
        int at = base + lineStart;
        if (at == end) {
            return INCOMPLETE;
        }
        int name = at;
        if (partEnd == 0) {
            at = Syntax.skipToken(in, Math.max(at, base + scanned), end);
            scanned = at - base;
            if (at - base - fieldsStart > limits.fieldBytes()) {
                return refuseFields();
            }
            if (at == end) {
                return INCOMPLETE;
            }
            byte b = in.get(at);
            if (at == name && b == CR) {
                int next = parseLineEnd(in, at, base, end);
                headEnded = next > 0;
                return next;
            }
            if (b != ':' || at == name) {
                return refuse(400, "the name of a field is malformed");
            }
            partEnd = at - base;
            scanned = partEnd + 1;
        }
        at = base + scanned;
        while (at < end && Syntax.is(Syntax.VALUE, in.get(at))) { // blanks are of that kind too
            at++;
        }
        scanned = at - base;
        if (at - base - fieldsStart > limits.fieldBytes()) {
            return refuseFields();
        }
        if (at == end) {
            return INCOMPLETE;
        }
        if (in.get(at) != CR) {
            return refuse(400, "the value of a field is malformed");
        }
        int next = parseLineEnd(in, at, base, end);
        if (next < 0) {
            return next;
        }
        int nameLength = base + partEnd - name;
        int value = Syntax.skipBlanks(in, base + partEnd + 1, at);
        int valueEnd = Syntax.trimEnd(in, value, at);
        if (fields.count() == limits.fields()) {
            return refuse(431, "there are too many fields");
        }
        fields.add(name - base, nameLength, value - base, valueEnd - value);
        return takeNote(in, name, nameLength, value, valueEnd - value) ? next : FAILED;
    }

    private int parseLineEnd(ByteBuffer in, int at, int base, int end) {
        if (at + 2 - base - fieldsStart > limits.fieldBytes()) {
            return refuseFields();
        }
        if (at + 1 == end) {
            return INCOMPLETE;
        }
        return in.get(at + 1) == LF ? at + 2 : refuse(400, "a line does not end in CR LF");
    }

    /** Looks at the fields that decide how the message is framed and what becomes of the connection. */
    private boolean takeNote(ByteBuffer in, int name, int nameLength, int value, int valueLength) {
        return switch (nameLength) {
            case 4 -> !Syntax.equalsIgnoreCase(in, name, 4, "host") || noteHost(in, value, valueLength);
            case 6 -> !Syntax.equalsIgnoreCase(in, name, 6, "expect") || noteExpect(in, value, valueLength);
            case 10 -> !Syntax.equalsIgnoreCase(in, name, 10, "connection") || noteConnection(in, value, valueLength);
            case 14 -> !Syntax.equalsIgnoreCase(in, name, 14, "content-length") || noteLength(in, value, valueLength);
            case 17 ->
                !Syntax.equalsIgnoreCase(in, name, 17, "transfer-encoding") || noteCoding(in, value, valueLength);
            default -> true;
        };
    }

    private boolean refused(int withStatus, String because) {
        refuse(withStatus, because);
        return false;
    }

    private boolean noteHost(ByteBuffer in, int value, int length) {
        if (++hosts > 1) {
            return refused(400, "there are several Host fields");
        }
        hostField = fields.count() - 1;
        return Hosts.isValid(in, value, length) || refused(400, "the Host field is malformed");
    }

    private boolean noteExpect(ByteBuffer in, int value, int length) {
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

    private boolean noteConnection(ByteBuffer in, int value, int length) {
        int end = value + length;
        for (int at = value; at < end; at = element.end + 1) {
            if (element.find(in, at, end)) {
                close |= element.is(in, "close");
                keepAlive |= element.is(in, "keep-alive");
            }
        }
        return true;
    }

    private boolean noteLength(ByteBuffer in, int value, int length) {
        if (lengthGiven) {
            return refused(400, "there are several Content-Length fields");
        }
        if (length == 0 || length > LONGEST_LENGTH) {
            return refused(400, "the Content-Length is malformed");
        }
        long parsed = 0;
        for (int i = 0; i < length; i++) {
            byte b = in.get(value + i);
            if (!Syntax.is(Syntax.DIGIT, b)) {
                return refused(400, "the Content-Length is malformed");
            }
            parsed = parsed * 10 + (b - '0');
        }
        lengthGiven = true;
        contentLength = parsed;
        return true;
    }

    private boolean noteCoding(ByteBuffer in, int value, int length) {
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

    private boolean checkHead() {
        if (codingGiven && lengthGiven) {
            return refused(400, "both Transfer-Encoding and Content-Length are given");
        }
        if (codingGiven && minorVersion == 0) {
            return refused(400, "a transfer coding in HTTP/1.0");
        }
        if (hosts == 0 && minorVersion != 0) {
            return refused(400, "the Host field is missing");
        }
        if (hosts != 0 && target.authorityLength != 0) {
            fields.setValue(hostField, target.authorityStart, target.authorityLength); // RFC 9112, 3.2.2
        }
        if (codingGiven) {
            framing = Framing.CHUNKED;
        } else if (lengthGiven && contentLength > 0) {
            framing = Framing.LENGTH;
        }
        return true;
    }
}
