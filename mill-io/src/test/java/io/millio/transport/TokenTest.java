package io.millio.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenTest {
    @Test
    void namedTokensAreEqualByValueAndUniqueOnesToNoOther() {
        Token unique = Token.unique();

        assertThat(Token.of(0)).isEqualTo(Token.of(0)).isNotEqualTo(Token.of(1));
        assertThat(unique).isNotEqualTo(Token.unique()).isNotEqualTo(Token.of(unique.value()));
        assertThat(Token.of(7)).hasSameHashCodeAs(Token.of(7)).hasToString("7");
        assertThat(unique.toString()).startsWith("#");
    }

    @Test
    void interestsAreSetsOfReadableAndWritable() {
        assertThat(Interest.NONE.with(Interest.READABLE)).isEqualTo(Interest.READABLE);
        assertThat(Interest.READABLE.with(Interest.WRITABLE)).isEqualTo(Interest.READABLE_WRITABLE);
        assertThat(Interest.READABLE_WRITABLE.without(Interest.READABLE)).isEqualTo(Interest.WRITABLE);
        for (Interest interest : Interest.values()) {
            assertThat(Interest.ofBits(interest.bits() | Readiness.ERROR)).isEqualTo(interest);
            assertThat(interest.isReadable()).isEqualTo((interest.bits() & Readiness.READABLE) != 0);
            assertThat(interest.isWritable()).isEqualTo((interest.bits() & Readiness.WRITABLE) != 0);
        }
    }

    @Test
    void readinessIsDescribedByTheNamesOfItsBits() {
        assertThat(Readiness.describe(0)).isEqualTo("nothing");
        assertThat(Readiness.describe(Readiness.READABLE | Readiness.EXHAUSTED)).isEqualTo("readable+exhausted");
    }
}
