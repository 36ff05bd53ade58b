package io.millio.linux.sys;

import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Names of files as the system has them: bytes, of which not all are text in the encoding of this process. A
 * {@link Path} keeps them, but takes and shows text; only as a URI does it show all of its bytes. Stateless; any
 * thread.
 */
public final class FileNames {
    /** What a path shows for bytes that are no text. */
    private static final char REPLACEMENT = '\uFFFD';

    private FileNames() {}

    /** Returns the bytes of a path of the system. One that is relative and no text becomes absolute. */
    public static byte[] bytes(Path path) {
        String text = path.toString();
        if (text.indexOf(REPLACEMENT) < 0) {
            return text.getBytes(Text.ENCODING);
        }
        String escaped = path.toUri().getRawPath();
        byte[] bytes = new byte[escaped.length()];
        int size = 0;
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '%') {
                bytes[size++] = (byte) Integer.parseInt(escaped, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[size++] = (byte) c;
            }
        }
        if (size > 1 && bytes[size - 1] == '/') {
            size--; // of a directory; it would have a link at the end followed
        }
        return Arrays.copyOf(bytes, size);
    }

    /** Returns the entry of a directory whose name has these bytes. */
    public static Path resolve(Path directory, byte[] name) {
        String text = new String(name, Text.ENCODING);
        if (text.indexOf(REPLACEMENT) < 0 && Arrays.equals(text.getBytes(Text.ENCODING), name)) {
            return directory.resolve(text);
        }
        StringBuilder uri = new StringBuilder("file:///");
        for (byte each : name) {
            uri.append('%').append(Character.forDigit(each >> 4 & 15, 16)).append(Character.forDigit(each & 15, 16));
        }
        Path file = Path.of(URI.create(uri.toString())).getFileName();
        return file == null ? directory : directory.resolve(file);
    }
}
