package io.millio.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDatesTest {
    private static final long EXAMPLE = 784_111_777; // of RFC 9110, 5.6.7

    @ParameterizedTest
    @ValueSource(
            strings = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    void allThreeFormsAreRead(String text) {
        assertThat(HttpDates.parse(text)).isEqualTo(EXAMPLE);
    }

    @Test
    void theNewFormIsWritten() {
        assertThat(HttpDates.text(EXAMPLE)).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
        assertThat(HttpDates.parse("Wed Nov 16 08:49:37 1994")).isEqualTo(EXAMPLE + 10 * 86_400);
    }

    @Test
    void aYearOfTwoDigitsIsAtMost49YearsAhead() {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        DateTimeFormatter form = DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy '00:00:00 GMT'", Locale.ENGLISH);
        LocalDate near = today.withDayOfYear(1).plusYears(48);
        LocalDate far = today.withDayOfYear(1).minusYears(49);
        assertThat(HttpDates.parse(form.format(near))).isEqualTo(near.toEpochDay() * 86_400);
        assertThat(HttpDates.parse(form.format(far))).isEqualTo(far.toEpochDay() * 86_400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "Sun", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37", "tomorrow", "Sun,"})
    void anythingElseIsNoDate(String text) {
        assertThat(HttpDates.parse(text)).isNull();
    }
}
