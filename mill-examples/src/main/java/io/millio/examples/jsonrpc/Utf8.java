package io.millio.examples.jsonrpc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Checks that bytes are UTF-8, which parsers of JSON do loosely. One thread at a time. */
final class Utf8 {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long HIGHS = 0x8080808080808080L;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final CharBuffer chars = CharBuffer.allocate(512);

    boolean isValid(byte[] bytes, int length) {
        int at = 0;
        while (at <= length - Long.BYTES && ((long) LONGS.get(bytes, at) & HIGHS) == 0) {
            at += Long.BYTES;
        }
        while (at < length && bytes[at] >= 0) {
            at++;
        }
        return at == length || isDecodable(ByteBuffer.wrap(bytes, at, length - at));
    }

    /** The decoder reports what is malformed. */
    private boolean isDecodable(ByteBuffer bytes) {
        decoder.reset();
        CoderResult result;
        do {
            result = decoder.decode(bytes, chars.clear(), true);
        } while (result.isOverflow());
        return !result.isError();
    }
}
