package io.millio.http.wire;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Dates as HTTP writes them, to the second (RFC 9110, 5.6.7). */
public final class HttpDates {
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);

    private HttpDates() {}

    public static String text(long epochSecond) {
        return FORM.format(Instant.ofEpochSecond(epochSecond));
    }

    /** Returns the seconds since the epoch; null if it is not a date of one of the three forms. */
    public static @Nullable Long parse(String text) {
        try {
            if (text.length() > 3 && text.charAt(3) == ',') {
                return Instant.from(FORM.parse(text)).getEpochSecond();
            }
            DateTimeFormatter old = text.indexOf(',') < 0 ? ASCTIME : rfc850(LocalDate.now(ZoneOffset.UTC));
            return LocalDateTime.parse(text, old).toEpochSecond(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** The form of RFC 850, whose years have two digits: one of the last 50 or the next 49 years. */
    private static DateTimeFormatter rfc850(LocalDate today) {
        return new DateTimeFormatterBuilder()
                .appendPattern("EEEE, dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, today.minusYears(50))
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.ENGLISH);
    }
}
