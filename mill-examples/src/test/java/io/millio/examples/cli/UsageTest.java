package io.millio.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class UsageTest {
    private static String usage(Syntax syntax) {
        StringWriter text = new StringWriter();
        new Usage(new PrintWriter(text)).print("run " + syntax.name(), syntax);
        return text.toString().replace(System.lineSeparator(), "\n");
    }

    @Test
    void everythingIsPrintedInTheOrderInWhichItWasAdded() {
        Syntax syntax = new Syntax("copy", "Copies.")
                .add(Declare.required("to", "Where to."), Declare.flag("quick", "In haste (default: at leisure)."))
                .add(Declare.optionalValue("only", "NAME[,NAME...]", "Not all."))
                .add(Parameter.one("FROM", "What to copy."))
                .add(Parameter.optional("MORE", "What else."));
        assertThat(usage(syntax)).isEqualTo("""
                        Usage: run copy [--help] --to=<to> [--quick] [--only[=NAME[,NAME...]]] FROM
                                        [MORE]
                        Copies.
                              FROM                  What to copy.
                              [MORE]                What else.
                              --to=<to>             Where to.
                              --quick               In haste (default: at leisure).
                              --only[=NAME[,NAME...]]
                                                    Not all.
                              -h, --help            Shows this.
                        """);
    }

    @Test
    void noLineIsWiderThanATerminalOrEndsInASpace() {
        Syntax syntax = new Syntax("talk", "Talks and ".repeat(20) + "talks.")
                .add(Declare.value("much", "word ".repeat(100).strip()));
        for (int i = 0; i < 20; i++) {
            syntax.add(Declare.flag("option-" + i, "One of many."));
        }
        assertThat(usage(syntax).lines()).allMatch(line -> line.length() <= 80 && !line.endsWith(" "));
    }
}
