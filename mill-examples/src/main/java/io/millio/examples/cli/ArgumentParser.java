package io.millio.examples.cli;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.MissingOptionException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;

/** Separates options from parameters by Commons CLI, and reports errors in readable messages. */
final class ArgumentParser {
    private final Syntax syntax;
    private final Options options;

    ArgumentParser(Syntax syntax) {
        this.syntax = syntax;
        this.options = syntax.options();
    }

    Arguments parse(String... args) {
        refuseSingleDashes(args);
        CommandLine line;
        try {
            line = DefaultParser.builder()
                    .setAllowPartialMatching(false)
                    .setStripLeadingAndTrailingQuotes(false) // the shell's are gone, others are meant
                    .get()
                    .parse(options, args);
        } catch (ParseException e) {
            throw new UsageException(reason(e), e);
        }
        List<String> parameters = line.getArgList();
        checkCount(parameters);
        return new Arguments(syntax.name(), line.getOptions(), parameters);
    }

    /** The parser would take {@code -port} and {@code -port80} for {@code --port}. */
    private void refuseSingleDashes(String... args) {
        for (String arg : args) {
            if (arg.equals("--")) {
                return;
            }
            if (arg.startsWith("-") && !arg.startsWith("--")) {
                for (Option option : options.getOptions()) {
                    if (arg.startsWith(option.getLongOpt(), 1)) {
                        throw new UsageException("Unknown option: " + arg);
                    }
                }
            }
        }
    }

    private String reason(ParseException failure) {
        if (failure instanceof MissingArgumentException missing) {
            return "Missing value: " + Usage.label(missing.getOption());
        }
        if (failure instanceof MissingOptionException missing) {
            StringBuilder message = new StringBuilder("Missing option:");
            for (Object name : missing.getMissingOptions()) {
                message.append(' ').append(Usage.label(options.getOption(name.toString())));
            }
            return message.toString();
        }
        if (failure instanceof UnrecognizedOptionException unknown) {
            String token = unknown.getOption();
            int equal = token.indexOf('=');
            return equal >= 0 && options.hasLongOption(token.substring(0, equal))
                    ? token.substring(0, equal) + ": takes no value, and was given " + token.substring(equal + 1)
                    : "Unknown option: " + token;
        }
        return String.valueOf(failure.getMessage());
    }

    private void checkCount(List<String> given) {
        List<Parameter> wanted = syntax.parameters();
        if (given.size() < wanted.size() && wanted.get(given.size()).required()) {
            throw new UsageException(
                    "Missing argument: " + wanted.get(given.size()).label());
        }
        boolean endless = !wanted.isEmpty() && wanted.get(wanted.size() - 1).repeated();
        if (given.size() > wanted.size() && !endless) {
            throw new UsageException("Unexpected argument: " + given.get(wanted.size()));
        }
    }
}
