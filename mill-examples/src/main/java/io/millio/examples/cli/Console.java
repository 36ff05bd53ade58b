package io.millio.examples.cli;

import java.io.PrintWriter;

/** Where a program writes. */
public record Console(PrintWriter out, PrintWriter err) {
    /** The standard streams of the process, which have each line at once. */
    @SuppressWarnings("DefaultCharset") // that of the terminal is meant
    public static Console standard() {
        return new Console(new PrintWriter(System.out, true), new PrintWriter(System.err, true));
    }
}
