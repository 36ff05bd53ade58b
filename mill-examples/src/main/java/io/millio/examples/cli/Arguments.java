package io.millio.examples.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a program, with their types. Each method that reads one throws {@link UsageException} if it is
 * wrong.
 */
public final class Arguments {
    private final String program;
    private final Option[] given;
    private final List<String> parameters;

    Arguments(String program, Option[] given, List<String> parameters) {
        this.program = program;
        this.given = given;
        this.parameters = parameters;
    }

    /** Whether they ask for help: then nothing else matters, and they need not be right. */
    public static boolean askForHelp(String... args) {
        for (String arg : args) {
            if (arg.equals("--")) {
                return false;
            }
            if (arg.equals("--help") || arg.equals("-h")) {
                return true;
            }
        }
        return false;
    }

    /** The name of the program that they are for. */
    public String program() {
        return program;
    }

    /** Those without a name, as many as the syntax allows. */
    public List<String> parameters() {
        return parameters;
    }

    /** As {@link #parameters()}, as names of files. */
    public List<Path> pathParameters() {
        List<Path> paths = new ArrayList<>();
        for (String text : parameters) {
            paths.add(path("argument", text));
        }
        return paths;
    }

    /** Whether an option is given. */
    public boolean has(Option option) {
        return find(option) != null;
    }

    /** The value of an option, or null. */
    public @Nullable String textOf(Option option) {
        Option found = find(option);
        return found == null ? null : found.getValue();
    }

    /** The value of an option, or what it is otherwise. */
    public String textOf(Option option, String otherwise) {
        String text = textOf(option);
        return text == null ? otherwise : text;
    }

    /**
     * The whole number that an option has, both bounds included, or what it is otherwise, which may be outside of them.
     */
    public int intOf(Option option, int otherwise, int least, int most) {
        String text = textOf(option);
        return text == null ? otherwise : (int) number(option, text, least, most, Integer.MAX_VALUE);
    }

    /** As {@link #intOf(Option, int, int, int)}, of an option that must be given. */
    public int requiredIntOf(Option option, int least, int most) {
        return (int) number(option, required(option), least, most, Integer.MAX_VALUE);
    }

    /** As {@link #intOf(Option, int, int, int)}, without an upper bound. */
    public long longOf(Option option, long otherwise, long least) {
        String text = textOf(option);
        return text == null ? otherwise : number(option, text, least, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /** As {@link #longOf}, of numbers between commas. */
    public long[] longsOf(Option option, long[] otherwise, long least) {
        List<String> texts = textsOf(option);
        if (texts == null) {
            return otherwise;
        }
        long[] numbers = new long[texts.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(option, texts.get(i), least, Long.MAX_VALUE, Long.MAX_VALUE);
        }
        return numbers;
    }

    private static long number(Option option, String text, long least, long most, long endless) {
        long value;
        try {
            value = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw wrong(option, "'" + text + "' is not a whole number", e);
        }
        if (value < least && most == endless) {
            throw wrong(option, value + " is less than " + least, null);
        }
        if (value < least || value > most) {
            throw wrong(option, value + " is not between " + least + " and " + most, null);
        }
        return value;
    }

    /** The file that an option names, or null. */
    public @Nullable Path pathOf(Option option) {
        String text = textOf(option);
        return text == null ? null : path(name(option), text);
    }

    /** The file that an option names which must be given. */
    public Path requiredPathOf(Option option) {
        return path(name(option), required(option));
    }

    private static Path path(String of, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException(of + ": " + e.getMessage(), e);
        }
    }

    /**
     * The constant that an option names, in capitals or not and with {@code -} for {@code _}, or what it is otherwise.
     */
    public <E extends Enum<E>> E enumOf(Option option, E[] all, E otherwise) {
        String text = textOf(option);
        return text == null ? otherwise : constant(name(option), all, text);
    }

    /** The constant that is named by the value of something, as in {@link #enumOf}. */
    public static <E extends Enum<E>> E constant(String of, E[] all, String text) {
        for (E each : all) {
            if (name(each).equalsIgnoreCase(text)) {
                return each;
            }
        }
        StringBuilder message = new StringBuilder(of).append(": '").append(text).append("' is not one of");
        for (E each : all) {
            message.append(each == all[0] ? " " : ", ").append(name(each));
        }
        throw new UsageException(message.toString());
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What stands between the commas of all values of an option, which may be given often; null if it is not given. */
    public @Nullable List<String> textsOf(Option option) {
        List<String> texts = null;
        for (Option each : given) {
            if (each.equals(option)) {
                texts = texts == null ? new ArrayList<>() : texts;
                if (each.getValue() != null) {
                    Collections.addAll(texts, each.getValue().split(",", -1));
                }
            }
        }
        return texts;
    }

    private String required(Option option) {
        String text = textOf(option);
        if (text == null) {
            throw new IllegalArgumentException(option + " is not declared as required");
        }
        return text;
    }

    private @Nullable Option find(Option option) {
        Option found = null;
        for (Option each : given) {
            if (each.equals(option)) {
                if (found != null) {
                    throw wrong(
                            option,
                            "given more than once"
                                    + (option.hasArg() ? ", as " + found.getValue() + " and " + each.getValue() : ""),
                            null);
                }
                found = each;
            }
        }
        return found;
    }

    private static String name(Option option) {
        return "--" + option.getLongOpt();
    }

    private static UsageException wrong(Option option, String message, @Nullable Throwable cause) {
        return new UsageException(name(option) + ": " + message, cause);
    }
}
