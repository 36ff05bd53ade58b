package io.millio.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.apache.commons.cli.Option;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private enum Colour {
        RED,
        DARK_BLUE
    }

    private static final Option COUNT = Declare.value("count", "How many.");
    private static final Option SIZES = Declare.value("sizes", "N[,N...]", "How large.");
    private static final Option COLOUR = Declare.value("colour", "Red or dark-blue.");
    private static final Option FILE = Declare.value("file", "A file.");
    private static final Option LOUD = Declare.flag("loud", "With noise.");
    private static final Option ONLY = Declare.optionalValue("only", "NAME[,NAME...]", "Not all.");

    private static Arguments parse(String... args) {
        return new Syntax("paint", "Paints.")
                .add(COUNT, SIZES, COLOUR, FILE, LOUD, ONLY)
                .add(Parameter.optional("WALL", "What to paint."))
                .parse(args);
    }

    private static int count(String... args) {
        return parse(args).intOf(COUNT, 4, 1, 9);
    }

    private static Colour colour(String... args) {
        return parse(args).enumOf(COLOUR, Colour.values(), Colour.RED);
    }

    private static String refusal(Runnable reading) {
        String[] message = {""};
        assertThatThrownBy(reading::run)
                .isInstanceOfSatisfying(UsageException.class, e -> message[0] = String.valueOf(e.getMessage()));
        assertThat(message[0]).doesNotContain("\n");
        return message[0];
    }

    @Test
    void whatIsNotGivenIsAsItIsOtherwise() {
        Arguments none = parse();
        assertThat(none.intOf(COUNT, 4, 1, 9)).isEqualTo(4);
        assertThat(none.longOf(COUNT, 0, 1)).isZero();
        assertThat(none.longsOf(SIZES, new long[] {1, 2}, 1)).containsExactly(1, 2);
        assertThat(none.textOf(FILE)).isNull();
        assertThat(none.pathOf(FILE)).isNull();
        assertThat(none.has(LOUD)).isFalse();
        assertThat(none.textsOf(ONLY)).isNull();
        assertThat(none.parameters()).isEmpty();
        assertThat(colour()).isEqualTo(Colour.RED);
    }

    @Test
    void valuesFollowAnEqualsSignOrASpace() {
        for (Arguments each : new Arguments[] {
            parse("--count=9", "--sizes=1,20", "--file=a=b", "--loud"),
            parse("--loud", "--file", "a=b", "--sizes", "1,20", "--count", "9")
        }) {
            assertThat(each.intOf(COUNT, 4, 1, 9)).isEqualTo(9);
            assertThat(each.longsOf(SIZES, new long[0], 1)).containsExactly(1, 20);
            assertThat(each.pathOf(FILE)).isEqualTo(Path.of("a=b"));
            assertThat(each.has(LOUD)).isTrue();
        }
    }

    @Test
    void parametersStandAnywhere() {
        assertThat(parse("--loud", "north", "--count", "3").parameters()).containsExactly("north");
        assertThat(parse("--", "--loud").parameters()).containsExactly("--loud");
    }

    @Test
    void quotesBelongToTheValue() {
        assertThat(parse("--file", "\"a b\"").textOf(FILE)).isEqualTo("\"a b\"");
        assertThat(parse("--file=\"a b\"").textOf(FILE)).isEqualTo("\"a b\"");
    }

    @Test
    void constantsAreNamedInAnyCase() {
        assertThat(colour("--colour", "dark-blue")).isEqualTo(Colour.DARK_BLUE);
        assertThat(colour("--colour", "Dark-BLUE")).isEqualTo(Colour.DARK_BLUE);
    }

    @Test
    void aListMayBeGivenInParts() {
        assertThat(parse("--sizes", "1,2", "--sizes", "3").longsOf(SIZES, new long[0], 1))
                .containsExactly(1, 2, 3);
        assertThat(parse("--only").textsOf(ONLY)).isEmpty();
        assertThat(parse("--only", "a,b", "--only=c").textsOf(ONLY)).containsExactly("a", "b", "c");
    }

    @Test
    void aNumberThatIsNoneOrOutOfRangeIsNamedWithItsOption() {
        assertThat(refusal(() -> count("--count", "x"))).isEqualTo("--count: 'x' is not a whole number");
        assertThat(refusal(() -> count("--count="))).isEqualTo("--count: '' is not a whole number");
        assertThat(refusal(() -> count("--count", "-1"))).isEqualTo("--count: -1 is not between 1 and 9");
        assertThat(refusal(() -> count("--count=99999999999"))).contains("--count: 99999999999 is not between");
        assertThat(refusal(() -> parse("--count", "0").intOf(COUNT, 4, 1, Integer.MAX_VALUE)))
                .isEqualTo("--count: 0 is less than 1");
        assertThat(refusal(() -> parse("--sizes", "5,0").longsOf(SIZES, new long[0], 1)))
                .isEqualTo("--sizes: 0 is less than 1");
        assertThat(refusal(() -> parse("--sizes", "5,,1").longsOf(SIZES, new long[0], 1)))
                .isEqualTo("--sizes: '' is not a whole number");
    }

    @Test
    void aConstantThatIsNoneIsNamedWithItsOption() {
        assertThat(refusal(() -> colour("--colour", "green")))
                .isEqualTo("--colour: 'green' is not one of red, dark-blue");
    }

    @Test
    void whatMayBeGivenOnceIsRefusedTwice() {
        assertThat(refusal(() -> count("--count", "1", "--count=2")))
                .isEqualTo("--count: given more than once, as 1 and 2");
        assertThat(refusal(() -> parse("--loud", "--loud").has(LOUD))).isEqualTo("--loud: given more than once");
    }

    @Test
    void aValueThatIsMissingOrTooManyIsNamedByItsOption() {
        assertThat(refusal(() -> parse("--count"))).isEqualTo("Missing value: --count=<count>");
        assertThat(refusal(() -> parse("--count", "--loud"))).isEqualTo("Missing value: --count=<count>");
        assertThat(refusal(() -> parse("--loud=yes"))).isEqualTo("--loud: takes no value, and was given yes");
    }

    @Test
    void whatIsUnknownIsNamed() {
        assertThat(refusal(() -> parse("--quiet"))).isEqualTo("Unknown option: --quiet");
        assertThat(refusal(() -> parse("--quiet=3"))).isEqualTo("Unknown option: --quiet=3");
        assertThat(refusal(() -> parse("-q"))).isEqualTo("Unknown option: -q");
        assertThat(refusal(() -> parse("north", "south"))).isEqualTo("Unexpected argument: south");
    }

    @Test
    void namesAreNotToBeCutShort() {
        for (String partial : new String[] {"--coun", "--c", "--coun=3", "--lou", "-count", "-count=3", "-count3"}) {
            assertThat(refusal(() -> parse(partial, "3"))).isEqualTo("Unknown option: " + partial);
        }
    }

    @Test
    void whatMustBeThereIsNamedWhereItIsMissing() {
        Syntax syntax = new Syntax("copy", "Copies.")
                .add(Declare.required("to", "Where to."))
                .add(Parameter.one("FROM", "What to copy."))
                .add(Parameter.many("MORE", "What else."));
        assertThat(refusal(() -> syntax.parse("a", "b"))).isEqualTo("Missing option: --to=<to>");
        assertThat(refusal(() -> syntax.parse("--to", "x"))).isEqualTo("Missing argument: FROM");
        assertThat(refusal(() -> syntax.parse("--to", "x", "a"))).isEqualTo("Missing argument: MORE...");
        assertThat(syntax.parse("--to", "x", "a", "b", "c").parameters()).containsExactly("a", "b", "c");
    }

    @Test
    void helpIsAskedForBetweenAnythingButNotAfterTwoDashes() {
        assertThat(Arguments.askForHelp("--no-such", "--help")).isTrue();
        assertThat(Arguments.askForHelp("no-such", "-h")).isTrue();
        assertThat(Arguments.askForHelp("--", "--help")).isFalse();
        assertThat(Arguments.askForHelp()).isFalse();
    }
}
