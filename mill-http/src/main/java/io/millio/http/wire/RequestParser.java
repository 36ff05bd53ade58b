package io.millio.http.wire;

import static io.millio.http.wire.Syntax.CR;
import static io.millio.http.wire.Syntax.LF;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Parses the head of a request after RFC 9112, strictly: what two parsers might read in two ways is refused.
 *
 * <p>It copies the bytes once and scans the copy. A head may come in any pieces, as long as those before are presented
 * again in front: it goes on where it was. No objects are made, but an array for a head that is large. One thread at a
 * time. O(bytes): no byte is copied or scanned twice, and only the fields of {@link ControlFields} are read once more.
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

    // What the parsers of lines return in place of where the next line starts.
    private static final int INCOMPLETE = -1;
    private static final int FAILED = -2;

    private static final int LONGEST_METHOD = 32;
    private static final int VERSION_LENGTH = "HTTP/1.1".length();

    private static final long VERSION = Words.of("HTTP/1.1");
    private static final int GET = Words.ofInt("GET ");

    private final HeadLimits limits;
    private final Scanner scanner;
    private final HeadBytes head = new HeadBytes();
    public final Fields fields = new Fields();
    public final RequestTarget target = new RequestTarget();
    public final ControlFields control = new ControlFields();

    // All positions are relative to the head's first byte.
    private int lineStart;

    // Of the line that is incomplete: up to where it was scanned, and where its target or name ends, once that is
    // known.
    private int scanned;
    private int partEnd;
    private int question; // the first question mark of the target
    private boolean inFields;
    private int fieldsStart;
    private int maxFieldsEnd;

    public int methodLength;
    public int targetStart;
    public int targetLength;
    public int minorVersion = 1;

    /** Of a refusal. */
    public int status;

    /** Of a refusal: what is wrong, for the log. */
    public String reason = "";

    public RequestParser(HeadLimits limits) {
        this(limits, Scanner.DEFAULT);
    }

    RequestParser(HeadLimits limits, Scanner scanner) {
        this.limits = limits;
        this.scanner = scanner;
    }

    /** Gets ready for the next request. */
    public void reset() {
        head.clear();
        fields.clear();
        target.clear();
        control.clear();
        lineStart = 0;
        scanned = 0;
        partEnd = 0;
        question = 0;
        inFields = false;
        methodLength = 0;
        targetLength = 0;
        minorVersion = 1;
        fieldsStart = 0;
    }

    /** Returns how many bytes of memory the head takes here, until {@link #reset}. */
    public int capacity() {
        return head.capacity();
    }

    /** Returns a copy of the first bytes of the head, as many as were presented at most. O(length). */
    public byte[] copy(int length) {
        return Arrays.copyOf(head.array, length);
    }

    /** After DONE: how long the head is, its last empty line included. */
    public int length() {
        return lineStart;
    }

    /** After DONE: whether the client ends the connection after the answer. */
    public boolean asksToClose() {
        return control.close || minorVersion == 0 && !control.keepAlive;
    }

    /**
     * Goes on with what there is, from the buffer's position, which stays where it is.
     *
     * @param in the head from its first byte on; what was presented before must be in front again
     */
    public Result parse(ByteBuffer in) {
        while (true) {
            head.fill(in);
            int next = parseLines(head.array, head.length());
            if (next > 0) {
                return checkHead() ? Result.DONE : Result.REFUSED;
            }
            if (next == FAILED || isTooLong(head.length()) && refuseLong() == FAILED) {
                return Result.REFUSED;
            }
            if (head.length() == in.remaining()) {
                return Result.MORE;
            }
        }
    }

    /** Returns where the head ends, or that it is incomplete or refused. */
    private int parseLines(byte[] in, int end) {
        int result = inFields ? 0 : parseRequestLine(in, end);
        return result < 0 ? result : parseFields(in, end);
    }

    private boolean isTooLong(int length) {
        return inFields ? length - fieldsStart > limits.fieldBytes() : length - lineStart > limits.requestLine();
    }

    private int refuseLong() {
        return inFields ? refuseFields() : refuseLine();
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

    private int parseRequestLine(byte[] in, int end) {
        int result = methodLength == 0 ? parseMethod(in, end) : 0;
        if (result >= 0 && partEnd == 0) {
            result = parseTarget(in, end);
        }
        return result < 0 ? result : parseVersion(in, partEnd + 1, end);
    }

    private int parseMethod(byte[] in, int end) {
        if (end == 0) {
            return INCOMPLETE;
        }
        if (in[0] == CR) {
            return refuse(400, "the request line is missing");
        }
        int at = end >= 4 && Words.getInt(in, 0) == GET ? 3 : scanner.tokenEnd(in, scanned, end);
        scanned = at;
        if (at > LONGEST_METHOD) {
            return refuse(501, "the method is too long");
        }
        if (at == end) {
            return INCOMPLETE;
        }
        if (at == 0 || in[at] != ' ') {
            return refuse(400, "the method is malformed");
        }
        methodLength = at;
        if (isMethod(in, "CONNECT")) {
            return refuse(501, "there is no way through to elsewhere");
        }
        targetStart = at + 1;
        scanned = targetStart;
        return targetStart;
    }

    private int parseTarget(byte[] in, int end) {
        int at = scanner.targetEnd(in, scanned, end);
        while (at < end && in[at] == '?') {
            question = question == 0 ? at : question;
            at = scanner.targetEnd(in, at + 1, end);
        }
        scanned = at;
        if (at > limits.requestLine()) {
            return refuseLine();
        }
        if (at == end || in[at] == '%' && end - at < 3) {
            return INCOMPLETE;
        }
        targetLength = at - targetStart;
        int pathEnd = question == 0 ? at : question;
        if (targetLength == 0 || in[at] != ' ' || !target.read(in, targetStart, pathEnd, at, isMethod(in, "OPTIONS"))) {
            return refuse(400, "the request target is malformed");
        }
        if (at + 1 + VERSION_LENGTH + 2 > limits.requestLine()) {
            return refuseLine();
        }
        partEnd = at;
        return partEnd;
    }

    private int parseVersion(byte[] in, int at, int end) {
        int lineEnd = at + VERSION_LENGTH;
        boolean usual =
                end >= lineEnd + 2 && Words.get(in, at) == VERSION && in[lineEnd] == CR && in[lineEnd + 1] == LF;
        int result = usual ? 1 : parseUnusualVersion(in, at, end);
        if (result < 0) {
            return result;
        }
        minorVersion = result;
        inFields = true;
        fieldsStart = lineEnd + 2;
        maxFieldsEnd = (int) Math.min((long) fieldsStart + limits.fieldBytes(), Integer.MAX_VALUE);
        return nextLine(fieldsStart);
    }

    private int nextLine(int start) {
        lineStart = start;
        scanned = start;
        partEnd = 0;
        return start;
    }

    /** Returns the minor version. */
    private int parseUnusualVersion(byte[] in, int at, int end) {
        int known = Math.min(end - at, VERSION_LENGTH);
        for (int i = 0; i < known; i++) {
            byte b = in[at + i];
            boolean digit = i == 5 || i == 7;
            if (digit ? !Syntax.is(Syntax.DIGIT, b) : b != "HTTP/1.1".charAt(i)) {
                return refuse(400, "the version is malformed");
            }
        }
        int lineEnd = at + VERSION_LENGTH;
        if (end > lineEnd && in[lineEnd] != CR || end > lineEnd + 1 && in[lineEnd + 1] != LF) {
            return refuse(400, "the request line is malformed");
        }
        if (end < lineEnd + 2) {
            return INCOMPLETE;
        }
        if (in[at + 5] != '1') {
            return refuse(505, "the version is not HTTP/1");
        }
        return in[at + 7] == '0' ? 0 : 1; // a later one is answered as 1.1 (RFC 9110, 2.5)
    }

    private boolean isMethod(byte[] in, String method) {
        return Ascii.equals(in, 0, methodLength, method);
    }

    // ---- fields

    /** Positions are in local variables, which are stored where the fields stop for now. */
    private int parseFields(byte[] in, int end) {
        int name = lineStart;
        int colon = partEnd;
        int at = scanned;
        while (true) {
            if (colon == 0) {
                at = scanner.tokenEnd(in, at, end);
                if (at == end || in[at] != ':' || at == name) {
                    return parseOtherThanName(in, name, at, end);
                }
                colon = at++;
            }
            at = scanner.valueEnd(in, at, end);
            if (at + 1 >= end || in[at] != CR || in[at + 1] != LF || at + 2 > maxFieldsEnd) {
                return parseOtherThanValue(in, name, colon, at, end);
            }
            int value = in[colon + 1] == ' ' ? colon + 2 : colon + 1;
            if (in[value] <= ' ') { // more blanks, or none of a value, or a byte above ASCII
                value = Ascii.skipBlanks(in, value, at);
            }
            int valueEnd = in[at - 1] > ' ' ? at : Ascii.trimEnd(in, value, at);
            int field = fields.count();
            if (field == limits.fields()) {
                return refuse(431, "there are too many fields");
            }
            fields.add(name, colon - name, value, valueEnd - value);
            if (!control.take(in, name, colon - name, value, valueEnd - value, field, minorVersion)) {
                return refuse(control.status, control.reason);
            }
            at += 2;
            name = at;
            colon = 0;
        }
    }

    private int stop(int name, int colon, int at) {
        lineStart = name;
        partEnd = colon;
        scanned = at;
        return INCOMPLETE;
    }

    /** What is at a position is no colon behind a name. */
    private int parseOtherThanName(byte[] in, int name, int at, int end) {
        if (at > maxFieldsEnd) {
            return refuseFields();
        }
        if (at == end) {
            return stop(name, 0, at);
        }
        if (at > name || in[at] != CR) {
            return refuse(400, "the name of a field is malformed");
        }
        if (at + 2 > maxFieldsEnd) {
            return refuseFields();
        }
        if (at + 1 == end) {
            return stop(name, 0, at);
        }
        return in[at + 1] == LF ? nextLine(at + 2) : refuseLineEnd();
    }

    /** What is at a position, behind a value, is no whole end of a line, or there is too much. */
    private int parseOtherThanValue(byte[] in, int name, int colon, int at, int end) {
        if (at > maxFieldsEnd) {
            return refuseFields();
        }
        if (at == end) {
            return stop(name, colon, at);
        }
        if (in[at] != CR) {
            return refuse(400, "the value of a field is malformed");
        }
        if (at + 2 > maxFieldsEnd) {
            return refuseFields();
        }
        return at + 1 == end ? stop(name, colon, at) : refuseLineEnd();
    }

    private int refuseLineEnd() {
        return refuse(400, "a line does not end in CR LF");
    }

    private boolean checkHead() {
        if (!control.check(minorVersion)) {
            return refuse(control.status, control.reason) != FAILED;
        }
        if (control.hostField >= 0 && target.authorityLength != 0) {
            fields.setValue(control.hostField, target.authorityStart, target.authorityLength); // RFC 9112, 3.2.2
        }
        return true;
    }
}
