package io.millio.bench.siege;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * The {@link OutOfMemoryError}s in what a victim has logged. Libraries limit how often they log an error, so that there
 * may have been more.
 *
 * @param errors how many stack traces begin with one, or have it as cause
 * @param inLibrary those whose first frame outside of the platform is of Mill-IO
 * @param withoutFrames those without a frame, which a JVM throws when no memory is left for one
 */
record VictimLog(int errors, int inLibrary, int withoutFrames) {
    private static final Pattern ERROR =
            Pattern.compile("^(Caused by: |Exception in thread .* |Exception: )?java\\.lang\\.OutOfMemoryError.*");
    private static final Pattern PLATFORM = Pattern.compile("^(java|javax|jdk|sun)\\..*");

    static VictimLog read(Path file) throws IOException {
        int errors = 0;
        int inLibrary = 0;
        int withoutFrames = 0;
        boolean open = false; // whether an error has not shown its first frame outside of the platform yet
        boolean framed = false;
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (String line; (line = lines.readLine()) != null; ) {
                if (ERROR.matcher(line).matches()) {
                    withoutFrames += open && !framed ? 1 : 0;
                    errors++;
                    open = true;
                    framed = false;
                } else if (open && line.startsWith("\tat ")) {
                    framed = true;
                    String frame = frame(line);
                    if (!PLATFORM.matcher(frame).matches()) {
                        inLibrary += frame.startsWith("io.millio.") && !frame.startsWith("io.millio.bench.") ? 1 : 0;
                        open = false;
                    }
                } else if (open) {
                    withoutFrames += framed ? 0 : 1;
                    open = false;
                }
            }
        }
        return new VictimLog(errors, inLibrary, withoutFrames + (open && !framed ? 1 : 0));
    }

    /** Returns class and method, without loader and module. */
    private static String frame(String line) {
        int parenthesis = line.indexOf('(');
        String text = parenthesis < 0 ? line : line.substring(0, parenthesis);
        return text.substring(Math.max(text.lastIndexOf('/'), "\tat".length()) + 1);
    }
}
