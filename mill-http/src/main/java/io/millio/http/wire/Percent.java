package io.millio.http.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Decodes the percent-encoding of URIs (RFC 3986, 2.1), whose bytes are UTF-8. */
public final class Percent {
    private Percent() {}

    /** The text that was encoded; what is not well encoded stays as it is. */
    public static String decode(String text, boolean plusIsBlank) {
        String decoded = decodeStrictly(text, plusIsBlank);
        return decoded == null ? text : decoded;
    }

    /** The text that was encoded; null if that is not well done. */
    public static @Nullable String decodeStrictly(String text, boolean plusIsBlank) {
        if (text.indexOf('%') < 0 && !(plusIsBlank && text.indexOf('+') >= 0)) {
            return text;
        }
        byte[] bytes = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Syntax.hex((byte) text.charAt(i + 1)) : -1;
                int low = i + 2 < text.length() ? Syntax.hex((byte) text.charAt(i + 2)) : -1;
                if (high < 0 || low < 0) {
                    return null;
                }
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                bytes[length++] = (byte) (plusIsBlank && c == '+' ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
