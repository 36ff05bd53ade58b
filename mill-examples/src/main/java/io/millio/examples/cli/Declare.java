package io.millio.examples.cli;

import org.apache.commons.cli.Option;

/** Makes options, all with long names only. */
public final class Declare {
    private Declare() {}

    /** An option that is given or not. */
    public static Option flag(String name, String description) {
        return new Option(null, name, false, description);
    }

    /** An option with a value, which the usage calls by the option's name. */
    public static Option value(String name, String description) {
        return new Option(null, name, true, description);
    }

    /** An option with a value, and how the usage calls that. */
    public static Option value(String name, String label, String description) {
        Option option = value(name, description);
        option.setArgName(label);
        return option;
    }

    /** An option with a value that must be given. */
    public static Option required(String name, String description) {
        Option option = value(name, description);
        option.setRequired(true);
        return option;
    }

    /** An option that has a value or none. */
    public static Option optionalValue(String name, String label, String description) {
        Option option = value(name, label, description);
        option.setOptionalArg(true);
        return option;
    }
}
