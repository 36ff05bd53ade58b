package io.millio.examples.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.Option;

/** Writes how a program is used, for a terminal of 80 columns. */
public final class Usage {
    private static final int WIDTH = 80;
    private static final int LABEL_COLUMN = 6;
    private static final int DESCRIPTION_COLUMN = 28;

    private final PrintWriter to;

    /** One that writes to {@code to}, and leaves it open. */
    public Usage(PrintWriter to) {
        this.to = to;
    }

    /** Writes all that there is to say of a program that is started by {@code command}. */
    public void print(String command, Syntax syntax) {
        List<String> words = new ArrayList<>();
        words.add("[--help]");
        for (Option option : syntax.options().getOptions()) {
            words.add(option.isRequired() ? label(option) : "[" + label(option) + "]");
        }
        for (Parameter parameter : syntax.parameters()) {
            words.add(parameter.label());
        }
        synopsis(command, words);
        text(syntax.description());
        for (Parameter parameter : syntax.parameters()) {
            row(parameter.label(), parameter.description());
        }
        for (Option option : syntax.options().getOptions()) {
            row(label(option), option.getDescription());
        }
        help();
        to.flush();
    }

    /** Writes what asks for all this. */
    public void help() {
        row("-h, --help", "Shows this.");
    }

    /** Writes what may come after a command. */
    public void synopsis(String command, List<String> words) {
        String start = "Usage: " + command;
        wrap(new StringBuilder(start), start.length(), words);
    }

    /** Writes a sentence. */
    public void text(String text) {
        wrap(new StringBuilder(), 0, List.of(text.split(" ")));
    }

    /** Writes a word, and beside it what it means. */
    public void row(String label, String description) {
        StringBuilder line = new StringBuilder(" ".repeat(LABEL_COLUMN)).append(label);
        if (line.length() >= DESCRIPTION_COLUMN) {
            to.println(line);
            line.setLength(0);
        }
        line.append(" ".repeat(DESCRIPTION_COLUMN - 1 - line.length()));
        wrap(line, DESCRIPTION_COLUMN - 1, List.of(description.split(" ")));
    }

    /** Appends words to a line that has begun; those that have no room in it go below one another. */
    private void wrap(StringBuilder line, int indent, List<String> words) {
        for (String word : words) {
            if (line.length() > indent && line.length() + 1 + word.length() > WIDTH) {
                to.println(line);
                line.setLength(0);
                line.append(" ".repeat(indent));
            }
            if (line.length() > 0) {
                line.append(' ');
            }
            line.append(word);
        }
        to.println(line);
    }

    static String label(Option option) {
        if (!option.hasArg()) {
            return "--" + option.getLongOpt();
        }
        String value = option.getArgName() == null ? "<" + option.getLongOpt() + ">" : option.getArgName();
        return "--" + option.getLongOpt() + (option.hasOptionalArg() ? "[=" + value + "]" : "=" + value);
    }
}
