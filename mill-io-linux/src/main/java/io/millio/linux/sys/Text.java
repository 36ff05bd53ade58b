package io.millio.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Text as the system has it: ended by a zero, in the encoding in which the platform writes the names of files. That may
 * be any, and a {@link MemorySegment} itself writes and reads the standard ones only. Stateless; any thread.
 */
public final class Text {
    public static final Charset ENCODING =
            Charset.forName(System.getProperty("sun.jnu.encoding", StandardCharsets.UTF_8.name()));

    private Text() {}

    /** Returns the text that begins there, and ends with a zero or with the room. */
    public static String read(MemorySegment from, long at, long room) {
        return new String(bytes(from, at, room), ENCODING);
    }

    /** Returns the bytes that begin there, and end before a zero or with the room. */
    public static byte[] bytes(MemorySegment from, long at, long room) {
        int size = 0;
        while (size < room && from.get(JAVA_BYTE, at + size) != 0) {
            size++;
        }
        return from.asSlice(at, size).toArray(JAVA_BYTE);
    }
}
