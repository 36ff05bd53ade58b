package io.millio.examples.cli;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;

/** The options and parameters of a program, in the order of its usage text. */
public final class Syntax {
    private final String name;
    private final String description;
    private final Options options = new Options();
    private final List<Parameter> parameters = new ArrayList<>(3);

    /** A program without options; the description is a sentence. */
    public Syntax(String name, String description) {
        this.name = name;
        this.description = description;
    }

    /** Adds options. */
    public Syntax add(Option... more) {
        for (Option option : more) {
            options.addOption(option);
        }
        return this;
    }

    /** Adds a parameter, after those that are there. */
    public Syntax add(Parameter parameter) {
        parameters.add(parameter);
        return this;
    }

    /** Takes arguments apart; throws {@link UsageException} if they are none that the program understands. */
    public Arguments parse(String... args) {
        return new ArgumentParser(this).parse(args);
    }

    /** What the program is called by. */
    public String name() {
        return name;
    }

    /** A sentence that says what it does. */
    public String description() {
        return description;
    }

    Options options() {
        return options;
    }

    List<Parameter> parameters() {
        return parameters;
    }
}
