package io.millio.examples;

import io.millio.examples.cli.Console;
import java.io.IOException;

/** An example whose options have been read. */
interface Example {
    /** Runs it to its end, and returns the exit code. */
    int run(Console console) throws IOException;
}
