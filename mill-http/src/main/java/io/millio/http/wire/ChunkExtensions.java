package io.millio.http.wire;

import java.nio.ByteBuffer;

/**
 * The extensions of a chunk (RFC 9112, 7.1.1). They are checked and then ignored: what a lenient parser reads over may
 * hide the end of a line from it that another one sees.
 *
 * <pre>
 *   *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
 * </pre>
 */
final class ChunkExtensions {
    private ChunkExtensions() {}

    /** Returns whether the rest of a line, behind the digits of the size, is well-formed. */
    static boolean areValid(ByteBuffer in, int from, int end) {
        int at = from;
        while (at < end) {
            at = Syntax.skipBlanks(in, at, end);
            if (at == end || in.get(at) != ';') {
                return false;
            }
            int name = Syntax.skipBlanks(in, at + 1, end);
            at = Syntax.skipToken(in, name, end);
            if (at == name) {
                return false;
            }
            int equals = Syntax.skipBlanks(in, at, end);
            if (equals < end && in.get(equals) == '=') {
                int value = Syntax.skipBlanks(in, equals + 1, end);
                boolean quoted = value < end && in.get(value) == '"';
                at = quoted ? afterQuoted(in, value + 1, end) : Syntax.skipToken(in, value, end);
                if (at <= value) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Returns where a quoted string ends that has begun before; -1 if it does not, or is malformed. */
    private static int afterQuoted(ByteBuffer in, int from, int end) {
        for (int at = from; at < end; at++) {
            byte b = in.get(at);
            if (b == '"') {
                return at + 1;
            }
            if (b == '\\' && ++at == end) {
                return -1;
            }
            if (!Syntax.is(Syntax.VALUE, in.get(at))) {
                return -1;
            }
        }
        return -1;
    }
}
